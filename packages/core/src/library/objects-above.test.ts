import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareKeys } from './compare-keys.ts';
import { objectsAbove } from './objects-above.ts';

describe('objects that are folders of others', () => {
  it('are found across the keys that sort between them', () => {
    const above = objectsAbove();
    expect(
      ['a', 'a-b', 'a.txt', 'a.txt/x', 'a/c', 'a/c/d', 'ab/c', 'b/c', 'b/c/d'].map((key) => above(key)),
    ).toEqual([undefined, undefined, undefined, 'a.txt', 'a', 'a/c', undefined, undefined, 'b/c']);
  });

  it('are those that looking at every pair finds', () => {
    const key = fc
      .array(fc.constantFrom('a', 'b', '/', '-', '.', '0', '😀', '\uffee'), { minLength: 1, maxLength: 6 })
      .map((characters) => characters.join(''));
    fc.assert(
      fc.property(fc.uniqueArray(key, { maxLength: 20 }), (keys) => {
        const sorted = [...keys].sort(compareKeys);
        const above = objectsAbove();
        for (const one of sorted) {
          const expected = keys.filter((other) => one.startsWith(`${other}/`)).sort(compareKeys);
          expect(above(one)).toBe(expected.at(-1));
        }
      }),
      { numRuns: 2000 },
    );
  });
});
