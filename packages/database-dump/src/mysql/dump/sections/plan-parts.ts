import { type PartSizes, partBytes } from '../../../sections/part-sizes.ts';
import type { Survey } from '../../catalog/survey.ts';
import type { TableStorage } from '../../catalog/table-storage.ts';
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
 * left to the dump program, and those that it does not tell from others when it is told to leave them out.
 */
export async function planParts(
  session: Session,
  { tables, isWithoutData }: Pick<Survey, 'tables' | 'isWithoutData'>,
  storage: readonly TableStorage[],
  sizes: PartSizes,
): Promise<TablePart[]> {
  const alike = new Map<string, number>();
  for (const table of tables) alike.set(looseName(table), (alike.get(looseName(table)) ?? 0) + 1);
  const big = storage
    .filter((table) => alike.get(looseName(table)) === 1 && !isWithoutData(table))
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

/** `--ignore-table` knows neither case nor accents. */
function looseName({ schema, table }: { readonly schema: string; readonly table: string }): string {
  return JSON.stringify([schema, table]).normalize('NFD').replaceAll(/\p{M}/gu, '').toLowerCase();
}
