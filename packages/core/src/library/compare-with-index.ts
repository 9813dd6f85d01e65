import type { ObjectStore } from '../ports/object-store.ts';
import type { IndexRow } from '../repository/library-index.ts';
import { joinSorted, strictlySorted } from './merge-sorted.ts';

export interface LibraryDifference {
  readonly key: string;
  readonly kind: 'missing' | 'extra' | 'size';
}

export interface LibraryComparison {
  readonly objects: number;
  readonly bytes: number;
  readonly differing: number;
  /** The first 100. */
  readonly differences: readonly LibraryDifference[];
}

/** Lists a library and holds it against an index, as streams. */
export async function compareWithIndex(
  library: ObjectStore,
  index: AsyncIterable<IndexRow>,
  isExtraAllowed: (key: string) => boolean = () => false,
): Promise<LibraryComparison> {
  let objects = 0;
  let bytes = 0;
  let differing = 0;
  const differences: LibraryDifference[] = [];
  const listing = strictlySorted(`the listing of ${library.location}`, library.list());
  for await (const { key, left: row, right: found } of joinSorted(index, listing)) {
    if (found !== undefined) {
      objects += 1;
      bytes += found.size;
    }
    const kind =
      row === undefined
        ? isExtraAllowed(key)
          ? undefined
          : 'extra'
        : found === undefined
          ? 'missing'
          : row.size === found.size
            ? undefined
            : 'size';
    if (kind === undefined) continue;
    differing += 1;
    if (differences.length < 100) differences.push({ key, kind });
  }
  return { objects, bytes, differing, differences };
}
