import { select, withConnection } from '../fixtures/mysql/connect.ts';
import { withClient } from '../fixtures/postgresql/connect.ts';

/** The rows of one statement, on either kind of server; none of one that has none. Numbers of 64 bits are text. */
export async function queryRows(
  databaseUrl: string,
  sql: string,
): Promise<readonly Record<string, unknown>[]> {
  if (!databaseUrl.startsWith('mysql:'))
    return withClient(databaseUrl, async (client) => (await client.query(sql)).rows);
  return withConnection(databaseUrl, async (connection) => {
    const rows = await select<Record<string, unknown>>(connection, sql);
    // Of a statement without rows the driver gives something else.
    return Array.isArray(rows) ? rows : [];
  });
}
