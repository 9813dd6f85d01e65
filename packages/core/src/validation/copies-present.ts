import { missingCopies } from '../library/missing-copies.ts';
import type { EnvironmentRef } from '../model/ids.ts';
import type { ObjectStore } from '../ports/object-store.ts';
import type { IndexRow } from '../repository/library-index.ts';
import type { Finding } from './check.ts';

export interface CopiesPresentRequest {
  readonly store: ObjectStore;
  readonly backup: EnvironmentRef & { readonly backupId: string };
  readonly rows: AsyncIterable<IndexRow>;
  /** How many of the rows have their copy in this backup's own folder. */
  readonly copies: number;
  readonly signal: AbortSignal;
}

/** Is every copy in this backup's folder where its row says, with its size? What it uses of others was looked at when planned. */
export async function copiesPresent({
  store,
  backup,
  rows,
  copies,
  signal,
}: CopiesPresentRequest): Promise<Finding> {
  let missing = 0;
  let example: string | undefined;
  for await (const { row, found } of missingCopies(store, backup, backup.backupId, rows)) {
    signal.throwIfAborted();
    missing += 1;
    const what = found === undefined ? 'is not there' : `has ${found.size} bytes instead of ${row.size}`;
    example ??= `${row.copy.path} ${what}`;
  }
  return {
    ok: missing === 0,
    expected: `${copies} copies of this backup in a listing of their folder, each with its size`,
    measured: missing === 0 ? 'all there' : `${missing} are not: ${example}`,
  };
}
