import { InvalidRequestError, type OpenConnection } from '@lcb/core';
import { type Scrub, scrubber } from '../../stream/scrub.ts';

const sslModes = ['disabled', 'preferred', 'required', 'verify-ca', 'verify-identity'] as const;
type SslMode = (typeof sslModes)[number];

/** Parameters of a connection URL that are understood, by the names that MySQL's own programs have for them. */
const parameterNames = ['socket', 'ssl-mode', 'ssl-ca', 'ssl-cert', 'ssl-key', 'connect-timeout'] as const;

/** Where a database is, taken apart once so that the driver and the programs are told the same. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
  /** Path of a Unix socket, which goes before host and port. */
  readonly socket: string | undefined;
  readonly user: string;
  readonly database: string;
  readonly password: string | undefined;
  /** `preferred` where the URL does not say. */
  readonly sslMode: SslMode;
  /** Paths of PEM files. */
  readonly sslFiles: { readonly ca?: string; readonly cert?: string; readonly key?: string };
  readonly connectSeconds: number;
  readonly scrub: Scrub;
}

const CONNECT_TIMEOUT_SECONDS = 30;

/**
 * `mysql://user@host:3306/database?ssl-mode=verify-identity&ssl-ca=/etc/ca.pem`; a socket as `?socket=/run/mysqld/mysqld.sock`.
 *
 * @throws InvalidRequestError naming what is missing or not understood.
 */
export function parseEndpoint({ url, password }: OpenConnection): Endpoint {
  const parsed = parseUrl(url);
  const parameters = new Map(parsed.searchParams);
  const unknown = [...parameters.keys()].find((name) => !parameterNames.some((known) => known === name));
  if (unknown !== undefined) {
    throw refused(
      `has the parameter ${unknown}, which is not supported; take it out (known: ${parameterNames.join(', ')})`,
    );
  }
  const wanted = (parameters.get('ssl-mode') ?? 'preferred').toLowerCase().replaceAll('_', '-');
  const sslMode = sslModes.find((mode) => mode === wanted);
  const host = decodeURIComponent(parsed.hostname.replace(/^\[(.*)\]$/, '$1'));
  const user = decodeURIComponent(parsed.username);
  const database = decodeURIComponent(parsed.pathname.slice(1));
  const connectSeconds = Number(parameters.get('connect-timeout') ?? CONNECT_TIMEOUT_SECONDS);
  if (user === '') throw refused('has no user');
  if (database === '') throw refused('has no database');
  if (!sslMode) throw refused(`has an unknown ssl-mode; take one of ${sslModes.join(', ')}`);
  if (!Number.isInteger(connectSeconds) || connectSeconds < 1)
    throw refused('has a connect-timeout that is no number of seconds');
  return {
    host,
    port: parsed.port === '' ? 3306 : Number(parsed.port),
    socket: parameters.get('socket'),
    user,
    database,
    password,
    sslMode,
    sslFiles: {
      ...given('ca', parameters.get('ssl-ca')),
      ...given('cert', parameters.get('ssl-cert')),
      ...given('key', parameters.get('ssl-key')),
    },
    connectSeconds,
    scrub: scrubber([password]),
  };
}

/** For messages: never with a password. */
export function describeEndpoint({ database, host, port, socket, user }: Endpoint): string {
  return `database ${JSON.stringify(database)} at ${socket ?? `${host}:${port}`} as user ${JSON.stringify(user)}`;
}

function given<Name extends string>(name: Name, value: string | undefined) {
  return value === undefined ? {} : { [name]: value };
}

function parseUrl(url: string): URL {
  if (!/^(mysql|mariadb):\/\//.test(url)) throw refused('does not begin with mysql://');
  if (!URL.canParse(url)) throw refused('is not a URL');
  const parsed = new URL(url);
  if (parsed.password !== '') throw refused('carries a password; it belongs into the secret');
  if (parsed.hostname === '') throw refused('has no host');
  return parsed;
}

function refused(what: string): InvalidRequestError {
  // The URL itself is not repeated: one that is wrong may hold a password in the wrong place.
  return new InvalidRequestError(
    `The database's URL ${what}. It looks like mysql://user@host:3306/database?ssl-mode=required`,
  );
}
