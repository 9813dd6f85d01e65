import { IntegrityError, ObjectNotFoundError, type ObjectStore, PreconditionFailedError } from '@lcb/core';
import { describe, expect, it } from 'vitest';
import { keysOf, numberedBytes, ownPrefix, readAll, sha256 } from './bytes.ts';

const mebibyte = 1024 * 1024;

export function copyContract(
  store: () => ObjectStore,
  neighbour: () => ObjectStore | undefined,
  lacks: readonly string[],
): void {
  /** Copies between the two, where this kind of store can; a store without copies has nothing to show. */
  const each = (
    name: string,
    show: (
      target: Required<Pick<ObjectStore, 'copyFrom'>> & ObjectStore,
      source: ObjectStore,
    ) => Promise<void>,
  ): void => {
    it(name, async () => {
      const target = store();
      const source = neighbour();
      if (target.copyFrom === undefined || source === undefined) {
        expect(target.copyFrom).toBeUndefined();
        return;
      }
      await show({ ...bound(target), copyFrom: target.copyFrom.bind(target) }, source);
    });
  };

  describe('copyFrom', () => {
    each('copies bytes, content type, metadata and tags', async (target, source) => {
      const key = `${ownPrefix()}a b+c%25é 😀?#&`;
      const bytes = Buffer.from('as it was');
      const description = {
        contentType: 'image/png',
        metadata: { title: 'Größe — 図', plain: 'text' },
        tags: { 'data class': 'inner + outer=1/2', team: 'retail' },
      };
      const { etag } = await source.put(key, bytes, description);
      const stored = await target.copyFrom(source, key, key, { size: bytes.length, ifMatch: etag });
      expect(stored).toMatchObject({ size: 9, checksum: { algorithm: 'sha256', value: sha256(bytes) } });
      expect(await readAll(target, key)).toEqual(bytes);
      expect(await target.head(key, { tags: true })).toMatchObject({
        ...description,
        size: 9,
        etag: stored?.etag,
      });
      expect(await source.head(key, { tags: true })).toMatchObject({ ...description, size: 9 });
    });

    each('copies in parts what is larger, with everything that belongs to it', async (target, source) => {
      const key = `${ownPrefix()}large`;
      const bytes = numberedBytes(13 * mebibyte, 7);
      const description = {
        contentType: 'video/mp4',
        metadata: { title: 'Größe' },
        ...(lacks.includes('tagsOfParts') ? {} : { tags: { team: 'retail' } }),
      };
      const { etag } = await source.put(key, bytes, description);
      const stored = await target.copyFrom(source, key, key, { size: bytes.length, ifMatch: etag });
      expect(stored).toMatchObject({ size: bytes.length, checksum: { value: sha256(bytes) } });
      expect((await readAll(target, key)).equals(bytes)).toBe(true);
      expect(await target.head(key, { tags: true })).toMatchObject({ ...description, size: bytes.length });
    });

    each(
      'copies with another description where one is wanted, and nothing of the old',
      async (target, source) => {
        for (const size of [9, 13 * mebibyte]) {
          const hasTags = size === 9 || !lacks.includes('tagsOfParts');
          const key = `${ownPrefix()}described é`;
          const bytes = numberedBytes(size, 7);
          const old = { contentType: 'text/html', metadata: { old: 'x', title: 'old' }, tags: { old: 'x' } };
          await source.put(key, bytes, hasTags ? old : { ...old, tags: {} });
          const description = {
            contentType: 'video/mp4',
            metadata: { title: 'Größe' },
            ...(hasTags ? { tags: { team: 'retail' } } : {}),
          };
          const stored = await target.copyFrom(source, key, key, { size, description });
          expect(stored).toMatchObject({ size, checksum: { value: sha256(bytes) } });
          const { contentType, metadata, tags } = (await target.head(key, { tags: true })) ?? {};
          expect({ contentType, metadata, ...(tags === undefined ? {} : { tags }) }).toEqual(description);
          await target.copyFrom(source, key, key, { size, description: {} });
          const bare = await target.head(key, { tags: true });
          expect(bare).toMatchObject({ size, metadata: {} });
          expect(bare?.contentType).not.toBe('text/html');
          expect(bare).not.toHaveProperty('tags');
        }
      },
    );

    each('copies an empty object', async (target, source) => {
      const key = `${ownPrefix()}empty`;
      await source.put(key, Buffer.alloc(0));
      const stored = await target.copyFrom(source, key, key, { size: 0 });
      expect(stored).toMatchObject({ size: 0, checksum: { value: sha256(Buffer.alloc(0)) } });
    });

    each('notices that the object was replaced, or is gone, and writes nothing', async (target, source) => {
      for (const size of [5, 13 * mebibyte]) {
        const prefix = ownPrefix();
        const key = `${prefix}object`;
        const first = await source.put(key, numberedBytes(size, 1));
        await source.put(key, numberedBytes(size, 2));
        const copy = () => target.copyFrom(source, key, key, { size, ifMatch: first.etag });
        await expect(copy()).rejects.toBeInstanceOf(PreconditionFailedError);
        await source.deleteMany([{ key }]);
        await expect(copy()).rejects.toBeInstanceOf(ObjectNotFoundError);
        expect(await keysOf(target.list({ prefix }))).toEqual([]);
      }
    });

    each(
      'copies no part of an object in parts that is not of the size that was listed',
      async (target, source) => {
        const prefix = ownPrefix();
        const key = `${prefix}object`;
        await source.put(key, numberedBytes(13 * mebibyte, 3));
        for (const size of [12 * mebibyte, 14 * mebibyte])
          await expect(target.copyFrom(source, key, key, { size })).rejects.toBeInstanceOf(IntegrityError);
        expect(await keysOf(target.list({ prefix }))).toEqual([]);
      },
    );

    each('answers nothing, and writes nothing, where the source is another kind of store', async (target) => {
      const prefix = ownPrefix();
      const other: ObjectStore = { ...bound(target), location: 'memory://elsewhere' };
      expect(await target.copyFrom(other, 'key', `${prefix}key`, { size: 3 })).toBeUndefined();
      expect(await keysOf(target.list({ prefix }))).toEqual([]);
    });
  });
}

/** The store's operations as an object of its own: of no kind that another store would know. */
function bound(store: ObjectStore): ObjectStore {
  return {
    location: store.location,
    probe: () => store.probe(),
    list: (options) => store.list(options),
    head: (key, options) => store.head(key, options),
    get: (key, options) => store.get(key, options),
    put: (key, body, options) => store.put(key, body, options),
    deleteMany: (objects) => store.deleteMany(objects),
    refuses: (key, beside) => store.refuses(key, beside),
  };
}
