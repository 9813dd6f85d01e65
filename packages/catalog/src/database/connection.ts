import { InvalidRequestError, LcbError } from '@lcb/core';
import { Kysely, PostgresDialect } from 'kysely';
import { Pool, TypeOverrides } from 'pg';
import type { CatalogTables } from './tables.ts';

export interface ConnectionOptions {
  /** `postgres://user@host:port/database`; `sslmode` and the like as libpq has them. */
  readonly url: string;
  /** Connections at most. Small, since many processes share one server. */
  readonly poolSize: number;
}

const bigintOid = 20;
/** A caller is told after this long that every connection is in use, instead of waiting for ever. */
const connectTimeoutMs = 30_000;

/** A pool behind Kysely. Nothing is connected yet. @throws InvalidRequestError for something that is no PostgreSQL URL */
export function connect({ url, poolSize }: ConnectionOptions): Kysely<CatalogTables> {
  return new Kysely<CatalogTables>({ dialect: new PostgresDialect({ pool: createPool(url, poolSize) }) });
}

export function createPool(url: string, poolSize: number): Pool {
  assertPostgresUrl(url);
  const types = new TypeOverrides();
  types.setTypeParser(bigintOid, safeInteger);
  const pool = new Pool({
    connectionString: url,
    max: poolSize,
    types,
    connectionTimeoutMillis: connectTimeoutMs,
    application_name: 'lcb-catalog',
  });
  // An idle connection that the server closes is reported here and has left the pool already; the next query gets a
  // new one, or the error. Without a listener the process would end.
  pool.on('error', () => {});
  return pool;
}

/** The message must not repeat the URL: it may carry a password. */
function assertPostgresUrl(url: string): void {
  if (URL.canParse(url) && ['postgres:', 'postgresql:'].includes(new URL(url).protocol)) return;
  throw new InvalidRequestError(
    '`catalog` must be `embedded` or a URL such as postgres://user@host:5432/database.',
  );
}

function safeInteger(text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value)) return value;
  throw new LcbError({
    code: 'catalog.rowInvalid',
    message: `The catalog holds ${text} where a count belongs.`,
  });
}
