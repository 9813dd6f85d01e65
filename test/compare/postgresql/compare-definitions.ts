import type { Client } from 'pg';
import { compareDefinitionMaps } from '../compare-definition-maps.ts';
import type { DefinitionCounts } from '../database-figures.ts';
import type { DifferenceLog } from '../difference-log.ts';
import { DEFINITION_QUERIES, type PostgresqlKind } from './definition-queries.ts';

/** Names everything whose definition is missing, additional or different. Returns the numbers of both sides. */
export async function compareDefinitions(
  a: Client,
  b: Client,
  log: DifferenceLog,
): Promise<{ readonly a: DefinitionCounts; readonly b: DefinitionCounts }> {
  const counts = { a: {}, b: {} };
  for (const [kind, query] of definitionQueries()) {
    const [inA, inB] = await Promise.all([definitions(a, query), definitions(b, query)]);
    compareDefinitionMaps(kind, inA, inB, log, counts);
  }
  return counts;
}

function definitionQueries(): [PostgresqlKind, string][] {
  const kinds: readonly PostgresqlKind[] = [
    'extension',
    'schema',
    'table',
    'column',
    'index',
    'constraint',
    'view',
    'sequence',
    'rule',
    'trigger',
    'function',
    'type',
    'comment',
  ];
  return kinds.map((kind) => [kind, DEFINITION_QUERIES[kind]]);
}

async function definitions(client: Client, query: string): Promise<ReadonlyMap<string, string>> {
  const { rows } = await client.query<{ name: string; definition: string }>(query);
  return new Map(rows.map(({ name, definition }) => [name, definition]));
}
