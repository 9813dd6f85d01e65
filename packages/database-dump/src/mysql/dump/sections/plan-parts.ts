import { type PartSizes, partBytes } from '../../../sections/part-sizes.ts';
import type { TableStorage } from '../../catalog/table-storage.ts';
import type { FoundTable } from '../../catalog/tables.ts';
import type { Session } from '../../connection/session.ts';
import { type KeyRange, keyRanges } from './key-ranges.ts';
import { type ReadColumn, readableColumns } from './read-columns.ts';

/** Rows of one table that one worker reads. */
export interface TablePart {
  readonly schema: string;
  readonly table: string;
  readonly columns: readonly ReadColumn[];
  /** Undefined: all rows. */
  readonly range: KeyRange | undefined;
}

/**
 * What of the tables workers read, piece by piece, the largest tables first. Those with a type that we do not know how to write are
 * left to the dump program.
 *
 * @param wanted tables whose rows are dumped.
 */
export async function planParts(
  session: Session,
  wanted: readonly FoundTable[],
  storage: readonly TableStorage[],
  sizes: PartSizes,
): Promise<TablePart[]> {
  const names = new Set(wanted.map(({ schema, table }) => JSON.stringify([schema, table])));
  const big = storage
    .filter(({ schema, table }) => names.has(JSON.stringify([schema, table])))
    .flatMap((one) => {
      const columns = readableColumns(one.columns);
      return columns === undefined ? [] : [{ ...one, columns }];
    })
    .sort((a, b) => b.bytes - a.bytes);
  const bytesAtATime = partBytes(
    sizes,
    big.reduce((sum, { bytes }) => sum + bytes, 0),
  );
  const parts: TablePart[] = [];
  for (const one of big) {
    const { schema, table, columns } = one;
    const ranges = await keyRanges(session, one, Math.ceil(one.bytes / bytesAtATime));
    parts.push(...ranges.map((range) => ({ schema, table, columns, range })));
  }
  return parts;
}
