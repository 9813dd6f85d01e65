import { beforeEach, describe, expect, it } from 'vitest';
import { IntegrityError } from '../errors/errors.ts';
import { backupPrefix } from '../repository/layout.ts';
import { FaultyStore } from '../testing/faulty-store.ts';
import { backUpLibrary, environment, type LibraryBackup } from '../testing/library-backup.ts';
import { MemoryStore } from '../testing/memory-store.ts';
import { toArray, watched } from '../testing/streams.ts';
import { readIndex } from './base.ts';
import { removeFolder, removeLeftovers } from './sweep-attempts.ts';

const backupId = 'retail-prd-backup-20251109-143000';
const prefix = backupPrefix(environment, backupId);
const objects = `${prefix}objects/`;

describe('removing leftovers', () => {
  let backups: MemoryStore;
  let made: LibraryBackup;
  let keep: ReadonlySet<string>;

  beforeEach(async () => {
    const source = new MemoryStore();
    for (let number = 0; number < 200; number += 1) {
      await source.put(`key-${String(number).padStart(3, '0')}`, Buffer.from(String(Math.sin(number))));
    }
    backups = new MemoryStore({ chunkSize: 512 });
    made = await backUpLibrary({ source, backups, backupId, limits: { rows: 120, copyBytes: 1_000_000 } });
    keep = new Set([made.unit.index.path, ...made.index.parts.map(({ path }) => path)]);
  });

  const sweep = (store: MemoryStore | FaultyStore) =>
    removeLeftovers(store, environment, backupId, keep, readIndex(store, environment, made.manifest));

  it('takes away what no row refers to, and other backups are not touched', async () => {
    const neighbour = `${backupPrefix(environment, `${backupId}-2`)}objects/key-000`;
    const attempt = `${prefix}attempts/2/library/index.json`;
    const long = `${prefix}objects-long/${'0'.repeat(64)}`;
    const before = backups.keys(objects);
    for (const key of [
      neighbour,
      attempt,
      long,
      `${objects}key-000x`,
      `${objects}zzz`,
      `${prefix}manifest.json`,
    ]) {
      await backups.put(key, Buffer.from('x'));
    }
    await sweep(backups);
    expect(backups.keys(objects)).toEqual(before);
    expect(backups.keys(neighbour)).toEqual([neighbour]);
    expect(backups.keys(`${prefix}manifest.json`)).toHaveLength(1);
    expect(backups.keys(`${prefix}attempts/`)).toEqual([...keep].map((path) => prefix + path).sort());
    expect(backups.keys(long)).toEqual([]);
  });

  it('takes nothing away that is referred to when a listing is not sorted', async () => {
    const before = backups.keys(objects);
    const lying = new FaultyStore(backups);
    lying.liesInListings((infos) =>
      infos[0]?.key.startsWith(objects) === true ? [...infos].reverse() : infos,
    );
    await expect(sweep(lying)).rejects.toThrow('not sorted');
    expect(backups.keys(objects)).toEqual(before);
  });

  it('takes no copy away on the word of an index that shows only at its end that it is not whole', async () => {
    const before = backups.keys(objects);
    const error = new IntegrityError('changed');
    const [row] = (await toArray(readIndex(backups, environment, made.manifest))).slice(-1);
    const index = watched(row === undefined ? [] : [row], { failAt: 1, error });
    await expect(removeLeftovers(backups, environment, backupId, keep, index)).rejects.toBe(error);
    expect(backups.keys(objects)).toEqual(before);
  });

  it('takes no copy away on the word of an index that turns out to be damaged', async () => {
    const before = backups.keys(objects);
    for (const { path, bytes } of made.index.parts) {
      for (let offset = 0; offset < bytes; offset += 97) {
        const faulty = new FaultyStore(backups);
        faulty.flips(prefix + path, offset);
        await expect(sweep(faulty)).rejects.toThrow();
        expect(backups.keys(objects), `byte ${offset} of ${path}`).toEqual(before);
      }
    }
  });
});

describe('removing a folder', () => {
  it('takes everything under the prefix and nothing beside it', async () => {
    const store = new MemoryStore();
    for (const key of ['a/1', 'a/2/3', 'a/4', 'a/5', 'a/6', 'a.b', 'ab/1', 'b'])
      await store.put(key, Buffer.from(key));
    await removeFolder(store, 'a/');
    expect(store.keys()).toEqual(['a.b', 'ab/1', 'b']);
  });
});
