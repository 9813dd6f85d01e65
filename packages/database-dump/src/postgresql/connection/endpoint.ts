import { InvalidRequestError, type OpenConnection } from '@lcb/core';
import { type Scrub, scrubber } from '../../stream/scrub.ts';

/** Parameters of a connection URL that are understood, by libpq's names, and the tools' variable for each. */
const PARAMETERS = {
  sslmode: 'PGSSLMODE',
  sslrootcert: 'PGSSLROOTCERT',
  sslcert: 'PGSSLCERT',
  sslkey: 'PGSSLKEY',
  connect_timeout: 'PGCONNECT_TIMEOUT',
  options: 'PGOPTIONS',
} as const;
export const parameterVariables: ReadonlyMap<string, string> = new Map(Object.entries(PARAMETERS));

const sslModes = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'] as const;
type SslMode = (typeof sslModes)[number];

/** Where a database is, taken apart once so that the driver and the tools are told the same. */
export interface Endpoint {
  /** A name, an address, or the folder of a Unix socket. */
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly database: string;
  readonly password: string | undefined;
  /** libpq's default, `prefer`, where the URL does not say. */
  readonly sslMode: SslMode;
  readonly parameters: ReadonlyMap<string, string>;
  readonly scrub: Scrub;
}

/**
 * `postgresql://user@host:5432/database?sslmode=require`; a socket's folder as `?host=/run/postgresql`.
 *
 * @throws InvalidRequestError naming what is missing or not understood.
 */
export function parseEndpoint({ url, password }: OpenConnection): Endpoint {
  const parsed = parseUrl(url);
  const parameters = new Map(parsed.searchParams);
  const host = parameters.get('host') ?? decodeURIComponent(parsed.hostname.replace(/^\[(.*)\]$/, '$1'));
  parameters.delete('host');
  const sslMode = sslModes.find((mode) => mode === (parameters.get('sslmode') ?? 'prefer'));
  const user = decodeURIComponent(parsed.username);
  const database = decodeURIComponent(parsed.pathname.slice(1));

  if (host === '') throw refused('has no host');
  if (user === '') throw refused('has no user');
  if (database === '') throw refused('has no database');
  if (!sslMode) throw refused(`has an unknown sslmode; take one of ${sslModes.join(', ')}`);
  for (const name of parameters.keys()) {
    if (!parameterVariables.has(name)) {
      throw refused(
        `has the parameter ${name}, which is not supported; take it out (known: host, ${[...parameterVariables.keys()].join(', ')})`,
      );
    }
  }
  const port = parsed.port === '' ? 5432 : Number(parsed.port);
  return { host, port, user, database, password, sslMode, parameters, scrub: scrubber([password]) };
}

/** The same server and user, another database. */
export function withDatabase(endpoint: Endpoint, database: string): Endpoint {
  return { ...endpoint, database };
}

/** For messages: never with a password. */
export function describeEndpoint({ database, host, port, user }: Endpoint): string {
  return `database ${JSON.stringify(database)} at ${host}:${port} as user ${JSON.stringify(user)}`;
}

export function isSocketFolder(host: string): boolean {
  return host.startsWith('/');
}

function parseUrl(url: string): URL {
  if (!/^postgres(ql)?:\/\//.test(url)) throw refused('does not begin with postgresql://');
  // `postgresql://user@/database?host=/run/postgresql` is libpq's way to write a socket; a URL must have a host.
  const complete = url.replace(/^(postgres(?:ql)?:\/\/[^/?#]*@)(?=\/)/, '$1localhost');
  if (!URL.canParse(complete)) throw refused('is not a URL');
  const parsed = new URL(complete);
  if (parsed.password !== '') throw refused('carries a password; it belongs into the secret');
  return parsed;
}

function refused(what: string): InvalidRequestError {
  // The URL itself is not repeated: one that is wrong may hold a password in the wrong place.
  return new InvalidRequestError(
    `The database's URL ${what}. It looks like postgresql://user@host:5432/database?sslmode=require`,
  );
}
