import type { TableCount } from '@lcb/core';
import { countRows, type DumpedTable } from '../catalog/tables.ts';
import type { Session } from '../connection/session.ts';
import type { InspectedTable } from '../inspector/dump-inspector.ts';

export interface CountedTable extends DumpedTable {
  readonly sourceRows: number;
}

/** Counts one table after the other: a second reader of a server that is being dumped is enough. */
export async function countTables(session: Session, tables: readonly DumpedTable[], signal: AbortSignal) {
  const counted: CountedTable[] = [];
  for (const table of tables) {
    signal.throwIfAborted();
    counted.push({ ...table, sourceRows: await countRows(session, table) });
  }
  return counted;
}

/**
 * What the dump carries beside what the server counted, sorted by schema and table (UTF-8 bytes). A table that only one of
 * them knows has 0 at the other. Whether the two agree is for the validation to judge.
 */
export function mergeCounts(
  inspected: readonly InspectedTable[],
  counted: readonly CountedTable[],
): TableCount[] {
  const merged = new Map<string, TableCount>();
  const nameOf = (schema: string, table: string) => JSON.stringify([schema, table]);
  for (const { schema, table, sourceRows } of counted) {
    merged.set(nameOf(schema, table), { schema, table, rows: 0, sourceRows });
  }
  for (const { schema, table, rows } of inspected) {
    const known = merged.get(nameOf(schema, table)) ?? { schema, table, rows: 0, sourceRows: 0 };
    merged.set(nameOf(schema, table), { ...known, rows: known.rows + rows });
  }
  return [...merged.values()].sort(
    (a, b) => compareBytes(a.schema, b.schema) || compareBytes(a.table, b.table),
  );
}

function compareBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
