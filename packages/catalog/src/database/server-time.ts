import { sql } from 'kysely';
import type { CatalogTransaction } from './act-as.ts';

/** The server's clock as it is now, and not as it was when the transaction began: it may have waited for a lock since. */
export const serverClock = sql<Date>`clock_timestamp()`;

/** The server's clock. RFC 3339, UTC, milliseconds. */
export async function serverTime(trx: CatalogTransaction): Promise<string> {
  const { now } = await trx.selectNoFrom(sql<Date>`clock_timestamp()`.as('now')).executeTakeFirstOrThrow();
  return now.toISOString();
}

/** So many seconds from now, by the server's clock. */
export function secondsFromNow(seconds: number) {
  return sql<Date>`clock_timestamp() + make_interval(secs => ${seconds})`;
}
