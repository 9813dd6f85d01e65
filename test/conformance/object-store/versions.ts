import type { ObjectStore } from '@lcb/core';
import { describe, expect, it } from 'vitest';
import { collect, keysOf, ownPrefix, readAll, sortedByBytes } from './bytes.ts';

export function versionContract(store: () => ObjectStore, keepsVersions: boolean): void {
  it('says whether versions are kept', async () => {
    const { versioning } = store();
    // A store that can't keep any has nothing to say.
    if (versioning === undefined) return expect(keepsVersions).toBe(false);
    expect(await versioning.call(store())).toBe(keepsVersions ? 'enabled' : 'never');
  });

  describe('listVersions', () => {
    it('shows each object once where no versions are kept, and every one where they are', async () => {
      const { listVersions } = store();
      if (listVersions === undefined) return expect(keepsVersions).toBe(false);
      const prefix = ownPrefix();
      const names = ['b', 'a b', 'a+b', 'a/😀', 'a/\uffee'];
      for (const text of ['first', 'second', 'third']) {
        for (const name of names) await store().put(prefix + name, Buffer.from(text + name));
      }
      const found = await collect(listVersions.call(store(), { prefix }));
      expect([...new Set(found.map(({ key }) => key))]).toEqual(
        sortedByBytes(names.map((name) => prefix + name)),
      );
      expect(found).toHaveLength(names.length * (keepsVersions ? 3 : 1));
      expect(found.filter(({ isLatest }) => isLatest)).toHaveLength(names.length);
      expect(found.some(({ isDeleteMarker }) => isDeleteMarker)).toBe(false);
      const head = await store().head(`${prefix}b`);
      expect(found.find(({ key, isLatest }) => key === `${prefix}b` && isLatest)).toMatchObject({
        size: 6,
        etag: head?.etag,
        ...(keepsVersions ? { version: head?.version } : {}),
      });
    });

    it.runIf(keepsVersions)(
      'shows what a removal hides, and lets it be read and removed for good',
      async () => {
        const prefix = ownPrefix();
        const key = `${prefix}object`;
        const first = await store().put(key, Buffer.from('first'));
        const second = await store().put(key, Buffer.from('second'));
        expect(first.version).toEqual(expect.any(String));
        expect(second.version).not.toBe(first.version);
        await store().deleteMany([{ key }]);
        expect(await store().head(key)).toBeUndefined();
        expect(await keysOf(store().list({ prefix }))).toEqual([]);
        const all = await versionsBelow(store(), prefix);
        expect(all).toMatchObject([
          { key, isDeleteMarker: true, isLatest: true, size: 0 },
          {
            key,
            isDeleteMarker: false,
            isLatest: false,
            version: second.version,
            size: 6,
            etag: second.etag,
          },
          { key, isDeleteMarker: false, isLatest: false, version: first.version, size: 5, etag: first.etag },
        ]);
        const { body } = await store().get(key, version(first.version));
        expect(Buffer.concat(await collect<Uint8Array>(body)).toString()).toBe('first');
        expect(await store().head(key, version(first.version))).toMatchObject({ size: 5 });
        expect(await store().head(key, version(all[0]?.version))).toBeUndefined();
        await store().deleteMany(all.slice(0, 1));
        expect((await readAll(store(), key)).toString()).toBe('second');
        await store().deleteMany(all);
        expect(await versionsBelow(store(), prefix)).toEqual([]);
      },
    );

    it.runIf(keepsVersions)('goes on over pages', async () => {
      const prefix = ownPrefix();
      const keys = Array.from({ length: 350 }, (_, n) => `${prefix}${String(n).padStart(4, '0')}`);
      for (const text of ['1', '2', '3']) {
        for (let at = 0; at < keys.length; at += 50) {
          await Promise.all(keys.slice(at, at + 50).map((key) => store().put(key, Buffer.from(text))));
        }
      }
      const found = await versionsBelow(store(), prefix);
      expect(found.map(({ key }) => key)).toEqual(keys.flatMap((key) => [key, key, key]));
      expect(new Set(found.map(({ version: id }) => id)).size).toBe(1050);
      await store().deleteMany(found);
      expect(await versionsBelow(store(), prefix)).toEqual([]);
    });
  });
}

function version(id: string | undefined): { readonly version?: string } {
  return id === undefined ? {} : { version: id };
}

async function versionsBelow(store: ObjectStore, prefix: string) {
  return collect(store.listVersions?.({ prefix }) ?? []);
}
