import { KeyRefusedError, type ObjectStore } from '@lcb/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { collect, keysOf, ownPrefix, sortedByBytes } from './bytes.ts';

/** Few names that lie close together, so that random keys nest, share prefixes and meet every trap of the order. */
const segment = fc.constantFrom(
  'a',
  'a b',
  'a.txt',
  'a-b',
  'ab',
  'b',
  '0',
  '~',
  'é',
  '\uffee',
  '😀',
  'A',
  'a\u0001',
);
const path = fc.array(segment, { minLength: 1, maxLength: 4 }).map((segments) => segments.join('/'));
const cut = fc.tuple(path, fc.nat({ max: 8 })).map(([text, length]) => text.slice(0, length).toWellFormed());
const maybe = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(arbitrary, { nil: undefined });

export function listingContract(store: () => ObjectStore, beyondServer: (key: string) => boolean): void {
  describe('list', () => {
    it('is empty for a prefix that nothing has', async () => {
      expect(await keysOf(store().list({ prefix: `${ownPrefix()}none/` }))).toEqual([]);
    });

    it('sorts by the bytes of the whole key, not folder by folder', async () => {
      const prefix = ownPrefix();
      const keys = ['a/z', 'a.txt', 'a-b/c', 'a0', 'ab', 'a/b/c', '😀', '\uffee', 'é', 'Z'].map(
        (key) => prefix + key,
      );
      await Promise.all(keys.map((key) => store().put(key, Buffer.from(key))));
      expect(await keysOf(store().list({ prefix }))).toEqual(sortedByBytes(keys));
    });

    it('takes a prefix that ends inside of a name', async () => {
      const prefix = ownPrefix();
      await Promise.all(
        ['20116/1', '2011/1', '201', '30'].map((key) => store().put(prefix + key, Buffer.from('x'))),
      );
      expect(await keysOf(store().list({ prefix: `${prefix}2011` }))).toEqual([
        `${prefix}2011/1`,
        `${prefix}20116/1`,
      ]);
    });

    it('says size, etag and time of each', async () => {
      const prefix = ownPrefix();
      const stored = await store().put(`${prefix}object`, Buffer.from('12345'));
      const [info, ...others] = await collect(store().list({ prefix }));
      expect(others).toEqual([]);
      expect(info).toMatchObject({ key: `${prefix}object`, size: 5, etag: stored.etag });
    });

    it('may be left early, and several may go on at once', async () => {
      const prefix = ownPrefix();
      await Promise.all(
        Array.from({ length: 100 }, (_, n) => store().put(`${prefix}${n % 10}/${n}`, Buffer.from('x'))),
      );
      for await (const info of store().list({ prefix })) {
        expect(info.key).toBe(`${prefix}0/0`);
        break;
      }
      const [one, two] = await Promise.all([
        keysOf(store().list({ prefix })),
        keysOf(store().list({ prefix })),
      ]);
      expect(one).toHaveLength(100);
      expect(two).toEqual(one);
    });

    it('can be gone on with from any key, in pages', async () => {
      const prefix = ownPrefix();
      const keys = Array.from({ length: 30 }, (_, n) => `${prefix}${n % 3}/${n % 5}/${n}`);
      await Promise.all(keys.map((key) => store().put(key, Buffer.from('x'))));
      const seen: string[] = [];
      for (let last: string | undefined; seen.length < keys.length; last = seen.at(-1)) {
        const rest = await keysOf(
          store().list({ prefix, ...(last === undefined ? {} : { startAfter: last }) }),
        );
        seen.push(...rest.slice(0, 7));
      }
      expect(seen).toEqual(sortedByBytes(keys));
    });

    it('equals a sorted list in memory for any keys, prefix and startAfter', async () => {
      const questions = fc.array(fc.tuple(maybe(cut), maybe(fc.oneof(path, cut))), {
        minLength: 8,
        maxLength: 8,
      });
      await fc.assert(
        fc.asyncProperty(fc.uniqueArray(path, { maxLength: 12 }), questions, async (paths, asked) => {
          const base = ownPrefix();
          const held = await putAll(
            store(),
            paths.filter((key) => !beyondServer(key)).map((key) => base + key),
          );
          for (const [prefix = '', after] of asked) {
            const expected = held.filter(
              (key) => key.startsWith(base + prefix) && (after === undefined || isAfter(key, base + after)),
            );
            const options = {
              prefix: base + prefix,
              ...(after === undefined ? {} : { startAfter: base + after }),
            };
            expect(await keysOf(store().list(options))).toEqual(expected);
          }
        }),
        { numRuns: 25 },
      );
    });
  });
}

/** Puts what the store takes: a file system has no `a` beside an `a/b`. */
async function putAll(store: ObjectStore, keys: readonly string[]): Promise<string[]> {
  const held: string[] = [];
  for (const key of keys) {
    try {
      await store.put(key, Buffer.from(key));
      held.push(key);
    } catch (error) {
      if (!(error instanceof KeyRefusedError)) throw error;
    }
  }
  return sortedByBytes(held);
}

function isAfter(key: string, other: string): boolean {
  return Buffer.compare(Buffer.from(key), Buffer.from(other)) > 0;
}
