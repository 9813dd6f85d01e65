import { realpath } from 'node:fs/promises';
import pg from 'pg';
import { systemErrorCode } from '../errors.ts';

/** Name of the superuser and of the first database. */
export const SUPERUSER = 'postgres';

/** Connection string of the superuser to the database `postgres`; the password is in it. */
export function connectionUrl(port: number, password: string): string {
  return `postgres://${SUPERUSER}:${encodeURIComponent(password)}@127.0.0.1:${port}/postgres`;
}

/** `folder`: which data folder the server on this port serves. `busy`: it starts or stops. `silent`: nobody listens. */
export type Answer =
  | { readonly kind: 'folder'; readonly dataDir: string }
  | { readonly kind: 'busy' }
  | { readonly kind: 'refused'; readonly error: Error }
  | { readonly kind: 'silent' };

/** PostgreSQL's codes for "starting up" / "shutting down" and for "too many connections". */
const BUSY = ['57P01', '57P02', '57P03', '53300'];
const SILENT = ['ECONNREFUSED', 'ECONNRESET', 'ETIMEDOUT'];
const TIMEOUT_MS = 5_000;

/** Asks the server on a port of 127.0.0.1 who it is. */
export async function askServer(port: number, password: string): Promise<Answer> {
  const client = new pg.Client({
    connectionString: connectionUrl(port, password),
    connectionTimeoutMillis: TIMEOUT_MS,
    query_timeout: TIMEOUT_MS,
  });
  // A connection that breaks while idle must not end the process; the query below fails by itself.
  client.on('error', () => {});
  try {
    await client.connect();
    const { rows } = await client.query<{ folder: string }>(
      `select current_setting('data_directory') as folder`,
    );
    return { kind: 'folder', dataDir: await realpath(rows[0]?.folder ?? '') };
  } catch (error) {
    const code = systemErrorCode(error);
    if (code && BUSY.includes(code)) return { kind: 'busy' };
    if (code && SILENT.includes(code)) return { kind: 'silent' };
    if (error instanceof Error) return { kind: 'refused', error };
    throw error;
  } finally {
    await client.end();
  }
}
