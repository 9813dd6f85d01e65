import type { DatabaseFacts, DatabaseSelection, OpenConnection } from '@lcb/core';
import { rightsWarnings } from './catalog/rights.ts';
import { type Survey, survey } from './catalog/survey.ts';
import { estimateBytes } from './catalog/tables.ts';
import { type FindClientTools, toolsForServer } from './client-tools.ts';
import { parseEndpoint } from './connection/endpoint.ts';
import { withSession } from './connection/session.ts';
import { schemasWithEvents } from './dump/events.ts';

/** How many tables a warning names. */
const NAMED = 5;

/** A short look at a database, and whether there are tools to dump it with. */
export async function inspectDatabase(
  connection: OpenConnection,
  clientTools: FindClientTools,
  selection: DatabaseSelection,
): Promise<DatabaseFacts> {
  const endpoint = parseEndpoint(connection);
  return await withSession(endpoint, async (session) => {
    const found = await survey(session, selection);
    const { chosen, main } = found.databases;
    await toolsForServer(clientTools, found.server);
    await schemasWithEvents(session, chosen);
    const { all } = await estimateBytes(session, chosen);
    return {
      serverVersion: found.server.version,
      database: main.name,
      bytes: all,
      schemas: chosen,
      tables: found.tables.length,
      warnings: [...(await rightsWarnings(session, chosen)), ...tableWarnings(found)],
    };
  });
}

function tableWarnings({ nonTransactional }: Survey): string[] {
  if (nonTransactional.length === 0) return [];
  const names = nonTransactional
    .slice(0, NAMED)
    .map(({ schema, table, storageEngine }) => `${schema}.${table} (${storageEngine})`);
  const more = nonTransactional.length > NAMED ? ` and ${nonTransactional.length - NAMED} more` : '';
  return [
    `No snapshot holds these tables still, since their storage engine knows no transactions: ${names.join(', ')}${more}. What is written to them during the dump may be in it or not. Convert them with ALTER TABLE … ENGINE=InnoDB.`,
  ];
}
