import type { Client } from 'pg';
import type { DifferenceLog } from '../difference-log.ts';
import type { DefinitionKind } from '../report.ts';
import { DEFINITION_QUERIES } from './definition-queries.ts';

/** Names everything whose definition is missing, additional or different. Returns the numbers of both sides. */
export async function compareDefinitions(
  a: Client,
  b: Client,
  log: DifferenceLog,
): Promise<{ readonly a: DefinitionCounts; readonly b: DefinitionCounts }> {
  const countsA: DefinitionCounts = {};
  const countsB: DefinitionCounts = {};
  for (const [kind, query] of definitionQueries()) {
    const [inA, inB] = await Promise.all([definitions(a, query), definitions(b, query)]);
    countsA[kind] = inA.size;
    countsB[kind] = inB.size;
    for (const [name, definition] of inA) {
      const other = inB.get(name);
      if (other === undefined) log.add(kind, name, `missing in b; in a: ${definition}`);
      else if (other !== definition) log.add(kind, name, `a: ${definition} | b: ${other}`);
    }
    for (const [name, definition] of inB) {
      if (!inA.has(name)) log.add(kind, name, `only in b: ${definition}`);
    }
  }
  return { a: countsA, b: countsB };
}

export type DefinitionCounts = Partial<Record<DefinitionKind, number>>;

function definitionQueries(): [DefinitionKind, string][] {
  const kinds: readonly DefinitionKind[] = [
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
