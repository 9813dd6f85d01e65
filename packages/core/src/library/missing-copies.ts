import type { EnvironmentRef } from '../model/ids.ts';
import type { ObjectStore } from '../ports/object-store.ts';
import { backupIdOfCopy, environmentPrefix, longObjectsFolder } from '../repository/layout.ts';
import type { IndexRow } from '../repository/library-index.ts';
import { grouped, isCopyOf, listCopies } from './base.ts';
import { joinSorted, strictlySorted } from './merge-sorted.ts';

/** A row whose copy a listing does not show, or shows with another size. */
export interface MissingCopy {
  readonly row: IndexRow;
  /** What is there instead; `undefined` where nothing is. */
  readonly found: { readonly size: number } | undefined;
}

/**
 * Holds the rows of an index whose copies lie in one backup's folder against a listing of that folder, as streams: no
 * request per object. Only copies under a hash of their key are asked for one by one, because they are not in key order.
 */
export async function* missingCopies(
  store: ObjectStore,
  ref: EnvironmentRef,
  backupId: string,
  rows: AsyncIterable<IndexRow>,
): AsyncGenerator<MissingCopy> {
  const copies = strictlySorted(`the copies of ${backupId}`, grouped(listCopies(store, ref, [backupId])));
  for await (const { left: row, right: copy } of joinSorted(ownRows(rows, backupId), copies)) {
    if (row === undefined) continue;
    if (row.copy.path.includes(`/${longObjectsFolder}`) || row.copy.version !== undefined) {
      const listed = copy?.infos.some((info) => isCopyOf(row, ref, info)) ?? false;
      if (listed) continue;
      const { path, version } = row.copy;
      const info = await store.head(environmentPrefix(ref) + path, version === undefined ? {} : { version });
      if (info?.size !== row.size) yield { row, found: info };
      continue;
    }
    if (!copy?.infos.some((info) => isCopyOf(row, ref, info))) yield { row, found: copy?.infos[0] };
  }
}

async function* ownRows(rows: AsyncIterable<IndexRow>, backupId: string): AsyncGenerator<IndexRow> {
  for await (const row of rows) if (backupIdOfCopy(row.copy.path) === backupId) yield row;
}
