import { describe, expect, it } from 'vitest';
import { planParts } from './plan-parts.ts';

const table = (name: string, changes: object = {}) => ({
  schema: 's',
  table: name,
  condition: '',
  isWithoutData: false,
  ...changes,
});
const storage = (name: string, bytes: number, pages: number, changes: object = {}) => ({
  schema: 's',
  table: name,
  bytes,
  pages,
  isHeap: true,
  columns: ['"a"'],
  ...changes,
});
const sizes = { bigTable: 100, part: 1000 };
const ranges = (bytes: number, pages: number, major = 15, changes: object = {}) =>
  planParts([table('t')], [storage('t', bytes, pages, changes)], major, sizes).map(({ range }) => range);

describe('planParts', () => {
  it('cuts a large table into ranges that leave out no page and have no end', () => {
    expect(ranges(2500, 10)).toEqual([
      { from: 0, to: 3 },
      { from: 3, to: 6 },
      { from: 6, to: undefined },
    ]);
  });

  it('does not cut what is small, not to be cut, or has nearly all of its bytes out of line of a few pages', () => {
    expect(ranges(1000, 10)).toEqual([undefined]);
    expect(ranges(5000, 10, 13)).toEqual([undefined]);
    expect(ranges(5000, 10, 15, { isHeap: false })).toEqual([undefined]);
    expect(ranges(5000, 1)).toEqual([undefined]);
    expect(ranges(5000, 2)).toEqual([
      { from: 0, to: 1 },
      { from: 1, to: undefined },
    ]);
  });

  it('takes the largest first, and only tables of which the dump has all rows', () => {
    const tables = [
      table('small'),
      table('large'),
      table('empty', { isWithoutData: true }),
      table('part', { condition: 'WHERE x' }),
      table('tiny'),
      table('bare'),
    ];
    const found = [
      storage('small', 200, 1),
      storage('large', 900, 1),
      storage('empty', 900, 1),
      storage('part', 900, 1),
      storage('unknown', 900, 1),
      storage('tiny', 99, 1),
      storage('bare', 900, 1, { columns: [] }),
    ];
    expect(planParts(tables, found, 15, sizes).map((part) => part.table)).toEqual(['large', 'small']);
  });

  it('has no more than some thousand parts, however large the database', () => {
    const parts = ranges(100_000_000, 10_000_000);
    expect(parts).toHaveLength(4000);
    expect(parts.at(-1)).toEqual({ from: 9_997_500, to: undefined });
  });
});
