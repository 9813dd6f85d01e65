import type { LibrarySelection } from '../model/run.ts';
import type { IndexRow } from '../repository/library-index.ts';
import { isGeneratedFile } from './generated-files.ts';
import { joinSorted, type Keyed } from './merge-sorted.ts';

/** What of a backup's library a restore wants. */
export interface Wanted {
  /** Sorted keys; all where it is left out. */
  readonly selected?: AsyncIterable<Keyed>;
  /** Of these companies only; of all where it is empty. */
  readonly companies: ReadonlySet<string>;
  readonly withoutGeneratedFiles: boolean;
}

/** A row of the index, or, where the selection names a key that the index lacks, that key alone. */
export type WantedRow =
  | { readonly key: string; readonly row: IndexRow; readonly isWanted: boolean }
  | { readonly key: string; readonly row?: undefined };

/** Tells each row of an index apart: to be restored or not. Streams, in key order. */
export async function* wantedRows(
  index: AsyncIterable<IndexRow>,
  { selected, companies, withoutGeneratedFiles }: Wanted,
): AsyncGenerator<WantedRow> {
  const isOfCompany = (key: string) => companies.size === 0 || companies.has(companyOf(key));
  const isLeftOut = (key: string) => withoutGeneratedFiles && isGeneratedFile(key);
  if (selected === undefined) {
    for await (const row of index) {
      yield { key: row.key, row, isWanted: isOfCompany(row.key) && !isLeftOut(row.key) };
    }
    return;
  }
  for await (const { key, left: row, right } of joinSorted(index, selected)) {
    if (row !== undefined) yield { key, row, isWanted: right !== undefined };
    else yield { key };
  }
}

/** Only the rows that are to be restored. */
export async function* restoredRows(
  index: AsyncIterable<IndexRow>,
  wanted: Wanted,
): AsyncGenerator<IndexRow> {
  for await (const found of wantedRows(index, wanted)) {
    if (found.row !== undefined && found.isWanted) yield found.row;
  }
}

/** Is the selection found through rows of the database? One that names companies alone is found by keys. */
export function isByRows({ folders, fileEntries, fileVersions }: LibrarySelection): boolean {
  return folders.length + fileEntries.length + fileVersions.length > 0;
}

/** The first segment of every key of a bucket's library (liferay.md). */
export function companyOf(key: string): string {
  return key.slice(0, key.indexOf('/'));
}
