import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { IntegrityError } from '../errors/errors.ts';
import { toArray, watched } from '../testing/streams.ts';
import { compareKeys } from './compare-keys.ts';
import { joinSorted, mergeSorted, strictlySorted } from './merge-sorted.ts';

const key = fc.string({ unit: 'binary', maxLength: 3 });
const keyed = (keys: readonly string[]) => keys.map((each) => ({ key: each }));
const sortedKeys = fc.uniqueArray(key).map((keys) => keyed(keys.sort(compareKeys)));
const withRepeats = fc.array(key).map((keys) => keyed(keys.sort(compareKeys)));
const boom = new Error('broken');

describe('joinSorted', () => {
  it('is the full outer join by key, in order', async () => {
    await fc.assert(
      fc.asyncProperty(sortedKeys, sortedKeys, async (left, right) => {
        const rows = await toArray(joinSorted(watched(left), watched(right)));
        const expected = [...new Set([...left, ...right].map((row) => row.key))].sort(compareKeys);
        expect(rows.map((row) => row.key)).toEqual(expected);
        for (const row of rows) {
          expect(row.left).toBe(left.find((other) => other.key === row.key));
          expect(row.right).toBe(right.find((other) => other.key === row.key));
        }
      }),
    );
  });

  it('ends both streams wherever the reader stops or one of them fails', async () => {
    const failures = fc.record({
      left: fc.option(fc.nat(6), { nil: undefined }),
      right: fc.option(fc.nat(6), { nil: undefined }),
    });
    await fc.assert(
      fc.asyncProperty(
        sortedKeys,
        sortedKeys,
        fc.nat(8),
        failures,
        async (left, right, stopAfter, failAt) => {
          const lefts = watched(left, {
            ...(failAt.left === undefined ? {} : { failAt: failAt.left }),
            error: boom,
          });
          const rights = watched(right, {
            ...(failAt.right === undefined ? {} : { failAt: failAt.right }),
            error: boom,
          });
          let taken = 0;
          let failed = false;
          try {
            for await (const _row of joinSorted(lefts, rights)) {
              taken += 1;
              if (taken > stopAfter) break;
            }
          } catch (error) {
            expect(error).toBe(boom);
            failed = true;
          }
          const reached = (stream: { taken: number }, at: number | undefined) =>
            at !== undefined && stream.taken >= at;
          if (failed) expect(reached(lefts, failAt.left) || reached(rights, failAt.right)).toBe(true);
          for (const stream of [lefts, rights]) expect(stream.ended || stream.taken === 0).toBe(true);
        },
      ),
    );
  });
});

describe('mergeSorted', () => {
  it('gives everything in order, equal keys in the order of the streams', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(withRepeats, { maxLength: 4 }), async (streams) => {
        const named = streams.map((rows, stream) => rows.map((row) => ({ ...row, stream })));
        const merged = await toArray(mergeSorted(named.map((rows) => watched(rows))));
        const expected = named.flat().sort((a, b) => compareKeys(a.key, b.key) || a.stream - b.stream);
        expect(merged).toEqual(expected);
      }),
    );
  });

  it('ends all streams when the reader stops or one of them fails', async () => {
    for (const stopAfter of [0, 1, 3]) {
      const streams = [watched(keyed(['a', 'c'])), watched(keyed(['b', 'd'])), watched(keyed(['e']))];
      let taken = 0;
      for await (const _row of mergeSorted(streams)) {
        if (taken === stopAfter) break;
        taken += 1;
      }
      expect(streams.map(({ ended }) => ended)).toEqual([true, true, true]);
    }
    const streams = [watched(keyed(['a', 'c'])), watched(keyed(['b', 'd']), { failAt: 1, error: boom })];
    await expect(toArray(mergeSorted(streams))).rejects.toBe(boom);
    expect(streams.map(({ ended }) => ended)).toEqual([true, true]);
  });
});

describe('strictlySorted', () => {
  it('passes what ascends and names the first key that does not', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(key), async (keys) => {
        const broken = keys.findIndex(
          (each, index) => index > 0 && compareKeys(keys[index - 1] ?? '', each) >= 0,
        );
        const stream = watched(keyed(keys));
        const rows = strictlySorted('the listing', stream);
        if (broken === -1) {
          expect(await toArray(rows)).toEqual(keyed(keys));
        } else {
          const failure = await toArray(rows).catch((error: unknown) => error);
          expect(failure).toBeInstanceOf(IntegrityError);
          expect(String(failure)).toContain(`the listing is not sorted: ${JSON.stringify(keys[broken])}`);
          expect(stream.taken).toBe(broken + 1);
        }
        expect(stream.ended).toBe(true);
      }),
    );
  });
});
