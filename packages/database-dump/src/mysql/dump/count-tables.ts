import type { SourceCount } from '../../counts/merge-counts.ts';
import { countRows, type FoundTable, isTransactional } from '../catalog/tables.ts';
import { inSavepoint } from '../connection/savepoint.ts';
import type { Session } from '../connection/session.ts';

/** Counts one table after the other: a second reader of a server that is being dumped is enough. */
export async function countTables(
  session: Session,
  tables: readonly FoundTable[],
  isWithoutData: (table: FoundTable) => boolean,
  signal: AbortSignal,
): Promise<SourceCount[]> {
  const counted: SourceCount[] = [];
  for (const found of tables) {
    signal.throwIfAborted();
    const { schema, table } = found;
    const freeze = isTransactional(found) ? {} : ({ nonTransactional: true } as const);
    if (isWithoutData(found)) counted.push({ schema, table, sourceRows: 0, withoutData: true, ...freeze });
    else
      counted.push({
        schema,
        table,
        sourceRows: await inSavepoint(session, () => countRows(session, found)),
        ...freeze,
      });
  }
  return counted;
}
