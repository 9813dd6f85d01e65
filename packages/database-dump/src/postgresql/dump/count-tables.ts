import type { SourceCount } from '../../counts/merge-counts.ts';
import { countRows, type DumpedTable } from '../catalog/tables.ts';
import type { Session } from '../connection/session.ts';

export interface CountedTable extends DumpedTable, SourceCount {}

/** Counts one table after the other: a second reader of a server that is being dumped is enough. */
export async function countTables(
  session: Session,
  tables: readonly (DumpedTable & { readonly isWithoutData?: boolean })[],
  signal: AbortSignal,
) {
  const counted: CountedTable[] = [];
  for (const table of tables) {
    signal.throwIfAborted();
    if (table.isWithoutData) counted.push({ ...table, sourceRows: 0, withoutData: true });
    else counted.push({ ...table, sourceRows: await countRows(session, table) });
  }
  return counted;
}
