import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { watched } from '../testing/streams.ts';
import { sample } from './sample.ts';

const rows = (count: number) => Array.from({ length: count }, (_, index) => ({ key: `key-${index}` }));

async function* stream<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items;
}

describe('a sample', () => {
  it('has as many rows as asked for, each once, where there are so many', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(40), fc.nat(15), fc.string(), async (count, wanted, seed) => {
        const all = rows(count);
        const picked = await sample(watched(all), wanted, seed);
        expect(picked).toHaveLength(Math.min(count, wanted));
        expect(new Set(picked).size).toBe(picked.length);
        for (const row of picked) expect(all).toContain(row);
      }),
      { numRuns: 40 },
    );
  });

  it('is the same however often it is taken, and another for another backup', async () => {
    const all = rows(200);
    const keys = async (seed: string) => (await sample(stream(all), 10, seed)).map(({ key }) => key);
    expect(await keys('one')).toEqual(await keys('one'));
    expect(await keys('one')).not.toEqual(await keys('two'));
  });

  it('does not depend on the order of the rows', async () => {
    const all = rows(50);
    const keys = async (of: typeof all) => (await sample(stream(of), 7, 'seed')).map(({ key }) => key);
    expect(await keys(all)).toEqual(await keys([...all].reverse()));
  });

  it('picks every row equally often', async () => {
    const all = rows(20);
    const times = new Map<string, number>();
    const samples = 2000;
    for (let seed = 0; seed < samples; seed += 1) {
      for (const { key } of await sample(stream(all), 5, String(seed)))
        times.set(key, (times.get(key) ?? 0) + 1);
    }
    // Expected 500 each, with a standard deviation of 19.4: six of them are never reached by chance.
    for (const { key } of all) expect(Math.abs((times.get(key) ?? 0) - 500)).toBeLessThan(117);
  });
});
