import type { DatabaseFacts, DatabaseSelection, OpenConnection } from '@lcb/core';
import { selectSchemas } from '../sql/select-schemas.ts';
import { readDatabaseBytes, readServerVersion, readShape } from './catalog/database-facts.ts';
import { listDumpedTables } from './catalog/tables.ts';
import { type FindClientTools, toolsForServer } from './client-tools.ts';
import { parseEndpoint } from './connection/endpoint.ts';
import { withSession } from './connection/session.ts';

/** A short look at a database, and whether there are tools to dump it with. */
export async function inspectDatabase(
  connection: OpenConnection,
  clientTools: FindClientTools,
  selection: DatabaseSelection,
): Promise<DatabaseFacts> {
  const endpoint = parseEndpoint(connection);
  return await withSession(endpoint, async (session) => {
    const { version, major } = await readServerVersion(session);
    await toolsForServer(clientTools, major);
    const { chosen } = selectSchemas((await readShape(session)).schemas, selection);
    const tables = await listDumpedTables(session);
    return {
      serverVersion: version,
      database: endpoint.database,
      bytes: await readDatabaseBytes(session),
      schemas: chosen,
      tables: tables.filter(({ schema }) => chosen.includes(schema)).length,
      warnings: [],
    };
  });
}
