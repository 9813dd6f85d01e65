import { type PartSizes, partBytes } from '../../../sections/part-sizes.ts';
import type { TableStorage } from '../../catalog/table-storage.ts';
import type { SelectedTable } from '../snapshot.ts';

/** Pages `[from, to)` of a table; without `to` all the rest, also what was added to its end since. */
export interface PageRange {
  readonly from: number;
  readonly to: number | undefined;
}

/** Rows of one table that one worker reads. */
export interface TablePart {
  readonly schema: string;
  readonly table: string;
  readonly columns: readonly string[];
  /** Undefined: all rows. */
  readonly range: PageRange | undefined;
}

/**
 * What of the dump's tables workers read, piece by piece, the largest tables first. A range of pages is a range of rows: what a
 * snapshot sees stays in its place while the snapshot is held.
 *
 * @param serverMajor before 14 the server reads a whole table to find a range of it: there it is not cut.
 */
export function planParts(
  tables: readonly SelectedTable[],
  storage: readonly TableStorage[],
  serverMajor: number,
  sizes: PartSizes,
): TablePart[] {
  const taken = new Set(
    tables.filter(isForWorkers).map(({ schema, table }) => JSON.stringify([schema, table])),
  );
  const big = storage
    .filter(({ schema, table, bytes, columns }) => {
      return bytes >= sizes.bigTable && columns.length > 0 && taken.has(JSON.stringify([schema, table]));
    })
    .sort((a, b) => b.bytes - a.bytes);
  const total = big.reduce((sum, { bytes }) => sum + bytes, 0);
  const bytesAtATime = partBytes(sizes, total);
  return big.flatMap(({ schema, table, columns, ...size }) =>
    rangesOf(size, serverMajor, bytesAtATime).map((range) => ({ schema, table, columns, range })),
  );
}

/** Not those without data, and not an extension's configuration, of which only some rows are dumped. */
function isForWorkers({ isWithoutData, condition }: SelectedTable): boolean {
  return !isWithoutData && condition === '';
}

function rangesOf(
  { bytes, pages, isHeap }: Pick<TableStorage, 'bytes' | 'pages' | 'isHeap'>,
  serverMajor: number,
  bytesAtATime: number,
): readonly (PageRange | undefined)[] {
  // What lies out of line counts for the page that points at it: on average, as nothing else is known.
  const count = Math.min(Math.ceil(bytes / bytesAtATime), pages);
  if (!isHeap || serverMajor < 14 || count < 2) return [undefined];
  const at = (index: number) => Math.floor((pages * index) / count);
  return Array.from({ length: count }, (_, index) => ({
    from: at(index),
    to: index + 1 === count ? undefined : at(index + 1),
  }));
}
