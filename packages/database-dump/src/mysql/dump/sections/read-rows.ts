import type { ChunkQueue } from '../../../stream/chunk-queue.ts';
import { quoteName } from '../../catalog/quote.ts';
import type { RowWriter, Session } from '../../connection/session.ts';
import { rangeClause } from './key-ranges.ts';
import type { TablePart } from './plan-parts.ts';

/**
 * What a writer makes of rows of one table.
 *
 * @param session a reader of the dump's moment.
 * @throws LcbError `database.connectionLost`, `database.definitionChanged` (no view survives it), `database.lockTimeout`, …
 */
export async function* readRows(
  session: Session,
  { schema, table, columns, range }: TablePart,
  begin: (chunks: ChunkQueue) => RowWriter,
): AsyncGenerator<Buffer> {
  const list = columns.map(({ expression }) => expression).join(', ');
  // As {@link inSavepoint}: whoever wants to change the table waits for this part only.
  await session.run('SAVEPOINT lcb');
  yield* session.written(`SELECT ${list} FROM ${quoteName(schema, table)}${rangeClause(range)}`, begin);
  await session.run('ROLLBACK TO SAVEPOINT lcb');
}
