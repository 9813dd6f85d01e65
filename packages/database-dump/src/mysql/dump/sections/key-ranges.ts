import { z } from 'zod';
import { quoteIdentifier, quoteName } from '../../catalog/quote.ts';
import type { TableStorage } from '../../catalog/table-storage.ts';
import { countColumn, type Session } from '../../connection/session.ts';

/** Rows of a table whose `column` is in `[from, to)`; undefined: without an end. */
export interface KeyRange {
  /** Quoted. */
  readonly column: string;
  readonly from: bigint | undefined;
  readonly to: bigint | undefined;
}

/** Keys that can be halved. */
const INTEGERS: readonly string[] = ['tinyint', 'smallint', 'mediumint', 'int', 'bigint'];

const whole = z.string().transform(BigInt).nullable();
const ends = z.object({ first: whole, last: whole });
const estimate = z.object({ rows: countColumn.nullable() });

/**
 * Cuts a table into ranges of its primary key, of about the same number of rows. The server estimates how many rows a range has by looking
 * at its two ends in the index; what has too many is halved. The first range begins before all keys and the last one ends behind
 * them, whatever is added meanwhile.
 *
 * @param pieces how many are wanted. There may be up to twice as many, and only one where keys are not whole numbers.
 */
export async function keyRanges(
  session: Session,
  { schema, table, rows, key }: Pick<TableStorage, 'schema' | 'table' | 'rows' | 'key'>,
  pieces: number,
): Promise<readonly (KeyRange | undefined)[]> {
  if (pieces < 2 || key === undefined || !INTEGERS.includes(key.type)) return [undefined];
  const column = quoteIdentifier(key.name);
  const from = `FROM ${quoteName(schema, table)} FORCE INDEX (PRIMARY)`;
  const { first, last } = await session.one(
    ends,
    `SELECT CAST(MIN(${column}) AS CHAR) AS first, CAST(MAX(${column}) AS CHAR) AS last ${from}`,
  );
  if (first === null || last === null) return [undefined];
  const rowsOf = async (low: bigint, high: bigint): Promise<number> => {
    // A server may have another format as its default.
    const sql = `EXPLAIN FORMAT=TRADITIONAL SELECT ${column} ${from} WHERE ${column} >= ${low} AND ${column} < ${high}`;
    const [step] = await session.query(estimate, sql);
    // Nothing where the server sees that no row fits.
    return step?.rows ?? 0;
  };
  // Of a large range InnoDB says half of the table at most.
  const rowsEach = Math.ceil(Math.max(rows, await rowsOf(first, last + 1n), 1) / pieces);
  const cuts: bigint[] = [];
  const isFull = () => cuts.length >= 2 * pieces - 1;
  let gathered = 0;
  const cut = async (low: bigint, high: bigint): Promise<void> => {
    const found = await rowsOf(low, high);
    if (found > rowsEach && high - low > 1n && !isFull()) {
      const middle = low + (high - low) / 2n;
      await cut(low, middle);
      await cut(middle, high);
      return;
    }
    if (gathered > 0 && gathered + found > rowsEach && !isFull()) {
      cuts.push(low);
      gathered = 0;
    }
    gathered += found;
  };
  await cut(first, last + 1n);
  return [undefined, ...cuts].map((low, index) => ({ column, from: low, to: cuts[index] }));
}

/** The condition of a range, with `WHERE` and the index that makes it cheap; empty for all rows. */
export function rangeClause(range: KeyRange | undefined): string {
  if (range === undefined) return '';
  const { column, from, to } = range;
  const bounds = [
    ...(from === undefined ? [] : [`${column} >= ${from}`]),
    ...(to === undefined ? [] : [`${column} < ${to}`]),
  ];
  const where = bounds.length === 0 ? '' : ` WHERE ${bounds.join(' AND ')}`;
  return ` FORCE INDEX (PRIMARY)${where}`;
}
