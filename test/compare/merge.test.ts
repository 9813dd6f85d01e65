import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mergeSorted } from './merge.ts';

async function* stream(numbers: readonly number[]): AsyncGenerator<number> {
  yield* numbers;
}

describe('mergeSorted', () => {
  it('pairs what is on both sides and tells what is on one', async () => {
    const sorted = fc.uniqueArray(fc.integer({ min: 0, max: 30 })).map((list) => list.sort((x, y) => x - y));
    await fc.assert(
      fc.asyncProperty(sorted, sorted, async (a, b) => {
        const seen: Record<'a' | 'b' | 'both', number[]> = { a: [], b: [], both: [] };
        for await (const pair of mergeSorted(stream(a), stream(b), (x, y) => x - y)) {
          seen[pair.in].push(pair.in === 'b' ? pair.b : pair.a);
        }
        expect(seen.both).toEqual(a.filter((number) => b.includes(number)));
        expect(seen.a).toEqual(a.filter((number) => !b.includes(number)));
        expect(seen.b).toEqual(b.filter((number) => !a.includes(number)));
      }),
    );
  });
});
