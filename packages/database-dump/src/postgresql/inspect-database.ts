import type { DatabaseFacts, OpenConnection } from '@lcb/core';
import { readDatabaseBytes, readServerVersion, readShape } from './catalog/database-facts.ts';
import { listDumpedTables } from './catalog/tables.ts';
import { type FindClientTools, toolsForServer } from './client-tools.ts';
import { parseEndpoint } from './connection/endpoint.ts';
import { withSession } from './connection/session.ts';

/** A short look at a database, and whether there are tools to dump it with. */
export async function inspectDatabase(
  connection: OpenConnection,
  clientTools: FindClientTools,
): Promise<DatabaseFacts> {
  const endpoint = parseEndpoint(connection);
  return await withSession(endpoint, async (session) => {
    const { version, major } = await readServerVersion(session);
    await toolsForServer(clientTools, major);
    const { schemas } = await readShape(session);
    return {
      serverVersion: version,
      database: endpoint.database,
      bytes: await readDatabaseBytes(session),
      schemas,
      tables: (await listDumpedTables(session)).length,
    };
  });
}
