import { describe, expect, it } from 'vitest';
import { countsAgree } from './counts-agree.ts';

const count = (rows: number, sourceRows: number, more = {}) => ({
  schema: 's',
  table: 't',
  rows,
  sourceRows,
  ...more,
});

describe('countsAgree', () => {
  it('asks for the same number where all is of one moment', () => {
    expect(countsAgree(count(5, 5), 'shared')).toBe(true);
    expect(countsAgree(count(4, 5), 'shared')).toBe(false);
  });

  it.each([
    ['a moment close by', {}, 'near'],
    ['a table without snapshots', { nonTransactional: true }, 'shared'],
  ] as const)('tolerates what %s brings, and no more', (_, more, moment) => {
    expect(countsAgree(count(0, 1000, more), moment)).toBe(true);
    expect(countsAgree(count(0, 1001, more), moment)).toBe(false);
    expect(countsAgree(count(950_000, 1_000_000, more), moment)).toBe(true);
    expect(countsAgree(count(949_999, 1_000_000, more), moment)).toBe(false);
  });
});
