import { compareDefinitionMaps } from '../compare-definition-maps.ts';
import type { DatabaseFigures, DefinitionCounts } from '../database-figures.ts';
import type { DifferenceLog } from '../difference-log.ts';
import { compareRows } from './compare-rows.ts';
import { definitionsOf, routineDefinitions, sequences } from './other-definitions.ts';
import { type MysqlSide, openSession } from './session.ts';
import { tableDefinitions } from './table-definitions.ts';

export interface ComparedMysql {
  readonly databaseUrl: string;
  readonly partitions?: readonly string[];
  readonly besides?: readonly string[];
}

/** Compares two environments on MySQL or MariaDB in everything but their databases' names, owners and privileges. */
export async function compareMysql(
  a: ComparedMysql,
  b: ComparedMysql,
  log: DifferenceLog,
): Promise<{ readonly a: DatabaseFigures; readonly b: DatabaseFigures }> {
  const namesA = databaseNames(a);
  const namesB = databaseNames(b);
  if (namesA.length !== namesB.length) {
    throw new Error(`a has ${namesA.length} databases and b ${namesB.length}: name the partitions of both.`);
  }
  const besides = [...(a.besides ?? []), ...(b.besides ?? [])];
  const side = (connection: MysqlSide['connection'], names: readonly string[]) => ({
    connection,
    besides,
    databases: names.map((name, index) => ({ name, label: namesA[index] ?? name })),
  });
  const connectionA = await openSession(a.databaseUrl);
  try {
    const connectionB = await openSession(b.databaseUrl);
    try {
      return await compareSides(side(connectionA, namesA), side(connectionB, namesB), log);
    } finally {
      await connectionB.promise().end();
    }
  } finally {
    await connectionA.promise().end();
  }
}

function databaseNames({ databaseUrl, partitions = [] }: ComparedMysql): readonly string[] {
  return [decodeURIComponent(new URL(databaseUrl).pathname.slice(1)), ...partitions];
}

async function compareSides(a: MysqlSide, b: MysqlSide, log: DifferenceLog) {
  const counts: { a: DefinitionCounts; b: DefinitionCounts } = { a: {}, b: {} };
  for (const kind of ['schema', 'view', 'trigger', 'event'] as const) {
    const [inA, inB] = await Promise.all([definitionsOf(a, kind), definitionsOf(b, kind)]);
    compareDefinitionMaps(kind, inA, inB, log, counts);
  }
  compareDefinitionMaps('function', await routineDefinitions(a), await routineDefinitions(b), log, counts);

  const [tablesA, tablesB] = await Promise.all([tableDefinitions(a), tableDefinitions(b)]);
  for (const kind of ['table', 'column', 'index', 'constraint'] as const) {
    compareDefinitionMaps(kind, tablesA[kind], tablesB[kind], log, counts);
  }
  const [sequencesA, sequencesB] = await Promise.all([sequences(a), sequences(b)]);
  compareDefinitionMaps('sequence', sequencesA.definitions, sequencesB.definitions, log, counts);
  compareValues(sequencesA.values, sequencesB.values, log);
  compareValues(
    withAllTables(tablesA.counters, tablesA.table),
    withAllTables(tablesB.counters, tablesB.table),
    log,
  );

  const rows = await compareRows(a, b, log);
  const largeObjects = { count: 0, bytes: 0 };
  return {
    a: { definitions: counts.a, rows: rows.a, largeObjects },
    b: { definitions: counts.b, rows: rows.b, largeObjects },
  };
}

/** A counter that was never used is not mentioned by the server. */
function withAllTables(
  counters: ReadonlyMap<string, string>,
  tables: ReadonlyMap<string, string>,
): ReadonlyMap<string, string> {
  return new Map([...tables.keys()].map((name) => [name, counters.get(name) ?? 'unused']));
}

/** Compares where the counters stand that both sides have. */
function compareValues(
  a: ReadonlyMap<string, string>,
  b: ReadonlyMap<string, string>,
  log: DifferenceLog,
): void {
  for (const [name, value] of a) {
    const other = b.get(name);
    if (other !== undefined && other !== value) log.add('sequence value', name, `a: ${value} | b: ${other}`);
  }
}
