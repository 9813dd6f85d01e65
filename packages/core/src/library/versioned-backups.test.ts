import { describe, expect, it } from 'vitest';
import { backupPrefix } from '../repository/layout.ts';
import { backUpLibrary, environment, restoreLibrary } from '../testing/library-backup.ts';
import { MemoryStore } from '../testing/memory-store.ts';
import { toArray } from '../testing/streams.ts';
import { readIndex } from './base.ts';
import { everyTrace } from './every-version.ts';
import { removeFolder, removeLeftovers } from './sweep-attempts.ts';

const backupId = 'retail-prd-backup-20251109-143000';
const prefix = backupPrefix(environment, backupId);

describe('a backup location that keeps versions', () => {
  it('holds nothing of what was swept, no version and no marker', async () => {
    const store = new MemoryStore({ versions: true });
    for (const text of ['1', '2'])
      for (const key of ['a/1', 'a/2', 'b']) await store.put(key, Buffer.from(text));
    await store.deleteMany([{ key: 'a/2' }]);
    await removeFolder(store, 'a/');
    expect((await toArray(everyTrace(store, ''))).map(({ key }) => key)).toEqual(['b', 'b']);
    await removeFolder(store, 'a/');
  });

  it('is swept of what the index does not refer to, and of the versions that repeated calls left', async () => {
    const source = new MemoryStore();
    for (const key of ['a', 'b', 'c']) await source.put(key, Buffer.from(key));
    const backups = new MemoryStore({ versions: true });
    const made = await backUpLibrary({ source, backups, backupId, repeats: () => true });
    await backups.put(`${prefix}objects/stray`, Buffer.from('x'));
    await backups.put(`${prefix}objects/stray`, Buffer.from('y'));
    await backups.deleteMany([{ key: `${prefix}objects/stray` }]);
    // What counts is no longer what a reader without a version would see.
    await backups.put(`${prefix}objects/b`, Buffer.from('written after the index'));
    const rows = () => readIndex(backups, environment, made.manifest);
    const keep = new Set([made.unit.index.path, ...made.index.parts.map(({ path }) => path)]);
    await removeLeftovers(backups, environment, backupId, keep, rows());
    const expected = (await toArray(rows())).map(({ key, copy }) => ({
      key: `${prefix}objects/${key}`,
      version: copy.version,
    }));
    expect(await toArray(everyTrace(backups, `${prefix}objects/`))).toEqual(expected);
    const target = new MemoryStore();
    await restoreLibrary(backups, backupId, made.index, target);
    expect(target.bytes('b').toString()).toBe('b');
  });
});

describe('a backup location in folders', () => {
  it('holds an object below the key of another under the hash of its key', async () => {
    const source = new MemoryStore();
    const keys = ['a', 'a-b', 'a.txt', 'a/b', 'a/b/c', 'd/e'];
    for (const key of keys) await source.put(key, Buffer.from(`bytes of ${key}`));
    const backups = new MemoryStore({ folders: true });
    const { manifest, index } = await backUpLibrary({ source, backups, backupId });
    const rows = await toArray(readIndex(backups, environment, manifest));
    const hashed = rows.filter(({ copy }) => copy.path.includes('/objects-long/'));
    expect(hashed.map(({ key }) => key)).toEqual(['a/b', 'a/b/c']);
    const next = await backUpLibrary({ source, backups, backupId: `${backupId}-2`, base: manifest });
    expect(next.plan.copyObjects).toBe(0);
    const target = new MemoryStore();
    await restoreLibrary(backups, backupId, index, target);
    for (const key of keys) expect(target.bytes(key)).toEqual(source.bytes(key));
  });
});
