import type { ObjectStore } from '@lcb/core';
import { describe, expect, it } from 'vitest';
import { keysOf, ownPrefix, readAll } from './bytes.ts';

export function deletionContract(store: () => ObjectStore, lacks: readonly string[]): void {
  describe('deleteMany', () => {
    it('removes what is named and nothing else', async () => {
      const prefix = ownPrefix();
      const keys = ['a/1', 'a/2', 'b'].map((key) => prefix + key);
      await Promise.all(keys.map((key) => store().put(key, Buffer.from('x'))));
      await store().deleteMany([{ key: `${prefix}a/1` }, { key: `${prefix}b` }]);
      expect(await keysOf(store().list({ prefix }))).toEqual([`${prefix}a/2`]);
      expect(await store().head(`${prefix}b`)).toBeUndefined();
    });

    it('minds neither what is not there nor a prefix of objects', async () => {
      const prefix = ownPrefix();
      await store().put(`${prefix}a/1`, Buffer.from('x'));
      const missing = ['none', 'none/below', 'a', 'a/1/below'].map((key) => ({ key: prefix + key }));
      await store().deleteMany([...missing, ...missing]);
      await store().deleteMany([]);
      expect(await keysOf(store().list({ prefix }))).toEqual([`${prefix}a/1`]);
    });

    it('takes a stream of more than a page', async () => {
      const prefix = ownPrefix();
      const count = 1100;
      const keys = Array.from({ length: count }, (_, n) => `${prefix}${n % 7}/${n}`);
      for (let at = 0; at < count; at += 50) {
        await Promise.all(keys.slice(at, at + 50).map((key) => store().put(key, Buffer.from('x'))));
      }
      await store().deleteMany(store().list({ prefix }));
      expect(await keysOf(store().list({ prefix }))).toEqual([]);
    });

    it('leaves room for any key again: one that was a prefix, one below what was an object', async () => {
      const prefix = ownPrefix();
      await store().put(`${prefix}a/b/c`, Buffer.from('deep'));
      await store().deleteMany([{ key: `${prefix}a/b/c` }]);
      await store().put(`${prefix}a`, Buffer.from('flat'));
      expect(await readAll(store(), `${prefix}a`)).toEqual(Buffer.from('flat'));
      await store().deleteMany([{ key: `${prefix}a` }]);
      await store().put(`${prefix}a/b`, Buffer.from('deep again'));
      expect(await keysOf(store().list({ prefix }))).toEqual([`${prefix}a/b`]);
    });

    it.skipIf(lacks.includes('folderRaces'))(
      'may race with writers of the same folder, and loses none of their objects',
      async () => {
        const prefix = ownPrefix();
        const rounds = Array.from({ length: 40 }, (_, n) => n);
        await Promise.all([
          (async () => {
            for (const n of rounds)
              await store().put(`${prefix}folder/sub/kept-${n % 4}`, Buffer.from(`${n}`));
          })(),
          (async () => {
            for (const n of rounds) {
              await store().put(`${prefix}folder/sub/gone-${n}`, Buffer.from('x'));
              await store().deleteMany(
                [0, 1, 2, 3].map((kept) => ({ key: `${prefix}folder/sub/kept-${kept}` })),
              );
              await store().deleteMany([{ key: `${prefix}folder/sub/gone-${n}` }]);
            }
          })(),
        ]);
        await store().put(`${prefix}folder/sub/last`, Buffer.from('x'));
        expect(await keysOf(store().list({ prefix: `${prefix}folder/sub/last` }))).toHaveLength(1);
      },
    );
  });
}
