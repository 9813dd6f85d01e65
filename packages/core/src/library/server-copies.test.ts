import { describe, expect, it } from 'vitest';
import { IntegrityError, ObjectNotFoundError } from '../errors/errors.ts';
import type { ObjectStore } from '../ports/object-store.ts';
import { FaultyStore } from '../testing/faulty-store.ts';
import { backUpLibrary, environment, restoreLibrary, signal } from '../testing/library-backup.ts';
import { MemoryStore } from '../testing/memory-store.ts';
import { toArray } from '../testing/streams.ts';
import { readIndex } from './base.ts';
import { copyObject } from './copy-object.ts';
import { isDescribed } from './description-of.ts';
import { sourceObject } from './plan-backup.ts';

const backupId = 'retail-prd-backup-20251109-143000';
const description = { contentType: 'text/plain', metadata: { who: 'ada' }, tags: { class: 'inner' } };

async function filled(store: MemoryStore): Promise<MemoryStore> {
  for (const key of ['a', 'b', 'c']) await store.put(key, Buffer.from(`bytes of ${key}`), description);
  return store;
}

async function rowOf(store: MemoryStore, key: string) {
  const info = await store.head(key);
  if (info === undefined) throw new Error('there is none');
  const { contentType: _contentType, metadata: _metadata, ...listed } = sourceObject(info);
  return listed;
}

describe.each([true, false])('a library and its backups on one server, with versions: %s', (versions) => {
  it('are copied without their bytes passing through here, and come back as they were', async () => {
    const source = await filled(new MemoryStore({ versions, bareListings: true }));
    const backups = new MemoryStore({ versions, copies: true });
    const { manifest, index } = await backUpLibrary({ source, backups, backupId });
    expect(backups.serverCopies).toBe(3);
    const rows = await toArray(readIndex(backups, environment, manifest));
    expect(rows.map(({ key }) => key)).toEqual(['a', 'b', 'c']);
    // It went with the copies.
    expect(rows.some(isDescribed)).toBe(false);
    const target = new MemoryStore({ copies: true });
    await restoreLibrary(backups, backupId, index, target);
    expect(target.serverCopies).toBe(3);
    const streamed = new MemoryStore();
    await restoreLibrary(backups, backupId, index, streamed);
    expect(backups.openBodies).toBe(0);
    for (const restored of [target, streamed]) {
      for (const key of ['a', 'b', 'c']) {
        expect(restored.bytes(key)).toEqual(source.bytes(key));
        expect(await restored.head(key, { tags: true })).toMatchObject(description);
      }
    }
  });

  it('are copied once: the next backup uses them again', async () => {
    const source = await filled(new MemoryStore({ versions, bareListings: true }));
    const backups = new MemoryStore({ versions, copies: true });
    const first = await backUpLibrary({ source, backups, backupId, repeats: () => true });
    const next = await backUpLibrary({ source, backups, backupId: `${backupId}-2`, base: first.manifest });
    expect(next.plan.copyObjects).toBe(0);
    const index = await toArray(readIndex(backups, environment, next.manifest));
    expect(index).toEqual(await toArray(readIndex(backups, environment, first.manifest)));
  });

  it('are copied as listed, or it is said that there is a newer one, or none', async () => {
    const source = await filled(new MemoryStore({ versions }));
    const target = new MemoryStore({ copies: true });
    const row = await rowOf(source, 'a');
    await source.put('a', Buffer.from('newer'));
    const outcome = await copyObject(source, row, target, 'copy', signal);
    expect(target.bytes('copy').toString()).toBe(versions ? 'bytes of a' : 'newer');
    expect(outcome).toMatchObject({ kind: 'copied', source: { size: versions ? 10 : 5 } });
    const { key, version } = await rowOf(source, 'b');
    const gone = await rowOf(source, 'b');
    await source.deleteMany([{ key, ...(version === undefined ? {} : { version }) }]);
    expect(await copyObject(source, gone, target, 'none', signal)).toEqual({ kind: 'vanished' });
    expect(target.keys()).toEqual(['copy']);
  });
});

describe('a copy that the server made', () => {
  it('is compared with the size that was listed', async () => {
    const source = await filled(new MemoryStore());
    const row = { ...(await rowOf(source, 'a')), size: 3 };
    await expect(
      copyObject(source, row, new MemoryStore({ copies: true }), 'copy', signal),
    ).rejects.toBeInstanceOf(IntegrityError);
  });

  it('is compared with the checksum of the backup when it is restored', async () => {
    const source = await filled(new MemoryStore());
    const backups = new MemoryStore({ copies: true });
    const { index } = await backUpLibrary({ source, backups, backupId });
    const copy = backups.keys().find((key) => key.endsWith('/objects/b')) ?? '';
    backups.tamper(copy, (bytes) => bytes.fill(0));
    const target = new MemoryStore({ copies: true });
    await expect(restoreLibrary(backups, backupId, index, target)).rejects.toThrow(
      /copy of "b" .* is damaged/,
    );
    await backups.deleteMany([{ key: copy }]);
    await expect(restoreLibrary(backups, backupId, index, target)).rejects.toBeInstanceOf(
      ObjectNotFoundError,
    );
  });

  it('comes back described as the index says where it knows, whatever the stored copy carries by now', async () => {
    const source = await filled(new MemoryStore());
    const backups = new MemoryStore();
    const { index } = await backUpLibrary({ source, backups, backupId });
    for (const key of backups.keys().filter((one) => one.includes('/objects/')))
      await backups.put(key, backups.bytes(key), { contentType: 'text/html', tags: { class: 'public' } });
    const target = new MemoryStore({ copies: true });
    await restoreLibrary(backups, backupId, index, target);
    expect(target.serverCopies).toBe(3);
    for (const key of ['a', 'b', 'c'])
      expect(await target.head(key, { tags: true })).toMatchObject(description);
  });

  it('is of an object that is gone only when the source says so too', async () => {
    class WithoutCopies extends MemoryStore {
      override readonly copyFrom = async (_source: ObjectStore, sourceKey: string): Promise<never> => {
        throw new ObjectNotFoundError(this.location, sourceKey);
      };
    }
    for (const versions of [true, false]) {
      const source = await filled(new MemoryStore({ versions }));
      const target = new WithoutCopies();
      const row = await rowOf(source, 'a');
      expect(await copyObject(source, row, target, 'copy', signal)).toMatchObject({ kind: 'copied' });
      expect(target.bytes('copy').toString()).toBe('bytes of a');
      await source.deleteMany([{ key: 'a', ...(row.version === undefined ? {} : { version: row.version }) }]);
      expect(await copyObject(source, row, target, 'none', signal)).toEqual({ kind: 'vanished' });
    }
  });

  it('is streamed where the server can not reach the source', async () => {
    const source = await filled(new MemoryStore());
    const target = new MemoryStore({ copies: true });
    const outcome = await copyObject(
      new FaultyStore(source),
      await rowOf(source, 'a'),
      target,
      'copy',
      signal,
    );
    expect(outcome).toMatchObject({ kind: 'copied', source: description });
    expect(target.serverCopies).toBe(0);
    expect(await target.head('copy', { tags: true })).toMatchObject(description);
  });
});
