import type { TableCount } from '@lcb/core';

/** A table as the server counted it. */
export type SourceCount = Readonly<Omit<TableCount, 'rows'>>;

/**
 * What the dump carries beside what the server counted, sorted by schema and table (UTF-8 bytes). A table that only one of
 * them knows has 0 at the other. Whether the two agree is for the validation to judge.
 */
export function mergeCounts(
  inspected: readonly { readonly schema: string; readonly table: string; readonly rows: number }[],
  counted: readonly SourceCount[],
): TableCount[] {
  const merged = new Map<string, TableCount>();
  const nameOf = (schema: string, table: string) => JSON.stringify([schema, table]);
  for (const { schema, table, sourceRows, withoutData, nonTransactional } of counted) {
    merged.set(nameOf(schema, table), {
      schema,
      table,
      rows: 0,
      sourceRows,
      ...(withoutData ? { withoutData } : {}),
      ...(nonTransactional ? { nonTransactional } : {}),
    });
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
