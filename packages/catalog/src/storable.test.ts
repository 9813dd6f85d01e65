import { describe, expect, it } from 'vitest';
import { assertStorable, storable } from './storable.ts';

describe('what PostgreSQL can hold', () => {
  it('stays as it is', () => {
    const value = { text: 'ä€😀\n', list: [1, null, true, { nested: '' }], absent: undefined };
    expect(storable(value)).toEqual(value);
    expect(() => assertStorable(value, 'The request')).not.toThrow();
  });

  it.each([
    ['a NUL', 'a\u0000b', 'a\ufffdb'],
    ['half a pair', 'a\ud83db', 'a\ufffdb'],
    ['a NUL deep inside', { list: [{ text: '\u0000' }] }, { list: [{ text: '\ufffd' }] }],
    ['a NUL in a name', { '\u0000': 1 }, { '\ufffd': 1 }],
  ])('is not %s: replaced, or refused', (_what, value, replaced) => {
    expect(storable(value)).toEqual(replaced);
    expect(() => assertStorable(value, 'The request')).toThrow(/The request holds a NUL/);
  });
});
