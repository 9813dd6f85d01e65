import {
  type DatabaseDump,
  type DatabaseLoad,
  IntegrityError,
  type ObjectStore,
  type TableCount,
  tableCountSchema,
} from '@lcb/core';
import { readCompressed } from '../stream/verified-read.ts';
import type { SourceCount } from './merge-counts.ts';

const MOST_DIFFERENCES = 100;

/** The backup's list of tables, by schema and table. */
export type ExpectedTables = ReadonlyMap<string, TableCount>;

const nameOf = (schema: string, table: string) => JSON.stringify([schema, table]);

/** @throws IntegrityError if it is not as it was written. */
export async function readExpectedTables(
  store: ObjectStore,
  prefix: string,
  dump: DatabaseDump,
  signal: AbortSignal,
): Promise<ExpectedTables> {
  const chunks: Uint8Array[] = [];
  const source = readCompressed({ store, prefix, artefact: dump.tables }, 'zstd', signal);
  for await (const chunk of source) chunks.push(chunk);
  const lines = Buffer.concat(chunks)
    .toString('utf8')
    .split('\n')
    .filter((line) => line !== '');
  if (lines.length !== dump.tables.count) {
    throw new IntegrityError(
      `${prefix}${dump.tables.path} lists ${lines.length} tables, the backup says ${dump.tables.count}. Restore another backup.`,
    );
  }
  const counts = lines.map((line) => tableCountSchema.parse(JSON.parse(line)));
  return new Map(counts.map((count) => [nameOf(count.schema, count.table), count]));
}

/**
 * Tables that have other numbers of rows than the dump carried, or are missing, or were not there; the first 100. Where the
 * dump and the source's own count differ, the checks before the seal have judged that.
 */
export function compareTables(
  expected: ExpectedTables,
  counted: readonly SourceCount[],
): DatabaseLoad['differences'] {
  const found = new Set(counted.map(({ schema, table }) => nameOf(schema, table)));
  const missing = [...expected]
    .filter(([name]) => !found.has(name))
    .map(([, { schema, table, rows }]) => ({ schema, table, expected: rows, found: 0 }));
  const different = counted
    .map(({ schema, table, sourceRows }) => ({
      schema,
      table,
      expected: expected.get(nameOf(schema, table))?.rows ?? 0,
      found: sourceRows,
    }))
    .filter((one) => one.expected !== one.found);
  return [...missing, ...different].slice(0, MOST_DIFFERENCES);
}
