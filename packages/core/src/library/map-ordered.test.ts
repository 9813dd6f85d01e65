import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toArray, turn, watched } from '../testing/streams.ts';
import { mapOrdered } from './map-ordered.ts';

/** Takes as many turns as the item says, so that calls end in another order than they began. */
async function slowly(turns: number): Promise<number> {
  for (let left = turns; left > 0; left -= 1) await turn();
  return turns;
}

const turns = fc.nat(5);
const boom = new Error('broken');

describe('mapOrdered', () => {
  it('gives the results in the order of the stream, never more at once than it may', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(turns), fc.integer({ min: 1, max: 6 }), async (items, concurrency) => {
        let running = 0;
        let most = 0;
        const results = await toArray(
          mapOrdered(
            watched(items.map((left, index) => ({ left, index }))),
            concurrency,
            async ({ left, index }) => {
              running += 1;
              most = Math.max(most, running);
              await slowly(left);
              running -= 1;
              return index;
            },
          ),
        );
        expect(results).toEqual(items.map((_, index) => index));
        expect(most).toBeLessThanOrEqual(concurrency);
      }),
    );
  });

  it('uses the concurrency that it has', async () => {
    let running = 0;
    let most = 0;
    await toArray(
      mapOrdered(watched([5, 5, 5, 5, 5, 5]), 3, async (left) => {
        running += 1;
        most = Math.max(most, running);
        await slowly(left);
        running -= 1;
      }),
    );
    expect(most).toBe(3);
  });

  it('throws the first failure in order, begins nothing after it, and waits for what it began', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ left: turns, fails: fc.boolean() }), { minLength: 1 }),
        fc.integer({ min: 1, max: 6 }),
        async (items, concurrency) => {
          const stream = watched(items);
          let running = 0;
          let failed = false;
          let begunAfterFailure = 0;
          const taken: unknown[] = [];
          let failure: unknown;
          try {
            const results = mapOrdered(stream, concurrency, async (item) => {
              if (failed) begunAfterFailure += 1;
              running += 1;
              await slowly(item.left);
              running -= 1;
              if (!item.fails) return item;
              failed = true;
              throw boom;
            });
            for await (const item of results) taken.push(item);
          } catch (error) {
            failure = error;
          }
          const first = items.findIndex(({ fails }) => fails);
          expect(failure).toBe(first === -1 ? undefined : boom);
          expect(taken).toEqual(first === -1 ? items : items.slice(0, first));
          expect(begunAfterFailure).toBe(0);
          expect(running).toBe(0);
          expect(stream.ended).toBe(true);
        },
      ),
    );
  });

  it('waits for what it began when the reader stops or the stream fails', async () => {
    let running = 0;
    const apply = async () => {
      running += 1;
      await slowly(3);
      running -= 1;
    };
    const stopped = watched([1, 2, 3, 4, 5]);
    for await (const _ of mapOrdered(stopped, 3, apply)) break;
    expect(running).toBe(0);
    expect(stopped.ended).toBe(true);
    const failing = watched([1, 2, 3], { failAt: 2, error: boom });
    await expect(toArray(mapOrdered(failing, 4, apply))).rejects.toBe(boom);
    expect(running).toBe(0);
  });
});
