import type { EnvironmentRef } from '../model/ids.ts';
import type { ObjectStore } from '../ports/object-store.ts';
import { backupIdOfCopy, environmentPrefix, longObjectsFolder } from '../repository/layout.ts';
import type { IndexRow } from '../repository/library-index.ts';
import { isCopyOf, listCopies } from './base.ts';
import { groupSorted, joinSorted, strictlySorted } from './merge-sorted.ts';

/** A row whose copy a listing does not show, or shows with another size. */
export interface MissingCopy {
  readonly row: IndexRow;
  /** What is there instead; `undefined` where nothing is. */
  readonly found: { readonly size: number } | undefined;
}

/**
 * Holds the rows of an index whose copies lie in one backup's folder against a listing of that folder, as streams: no
 * request per object. Only copies under a hash of their key, and older versions, are asked for
 * one by one, because no listing shows them in key order.
 */
export async function* missingCopies(
  store: ObjectStore,
  ref: EnvironmentRef,
  backupId: string,
  rows: AsyncIterable<IndexRow>,
): AsyncGenerator<MissingCopy> {
  const copies = strictlySorted(`the copies of ${backupId}`, groupSorted(listCopies(store, ref, [backupId])));
  for await (const { left: row, right: copy } of joinSorted(ownRows(rows, backupId), copies)) {
    if (row === undefined) continue;
    if (copy?.members.some(({ info }) => isCopyOf(row, ref, info))) continue;
    const { path, version } = row.copy;
    if (!path.includes(`/${longObjectsFolder}`) && version === undefined) {
      yield { row, found: copy?.members[0]?.info };
      continue;
    }
    const info = await store.head(environmentPrefix(ref) + path, version === undefined ? {} : { version });
    if (info?.size !== row.size) yield { row, found: info };
  }
}

async function* ownRows(rows: AsyncIterable<IndexRow>, backupId: string): AsyncGenerator<IndexRow> {
  for await (const row of rows) if (backupIdOfCopy(row.copy.path) === backupId) yield row;
}
