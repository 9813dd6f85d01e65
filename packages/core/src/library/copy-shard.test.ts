import { beforeEach, describe, expect, it } from 'vitest';
import { CancelledError } from '../errors/errors.ts';
import { LcbError } from '../errors/lcb-error.ts';
import type { CopyControl, ShardProgress } from '../ports/backup-provider.ts';
import { readJson } from '../repository/json-artefact.ts';
import { backupPrefix, indexPartDescriptionPath, indexPartPath } from '../repository/layout.ts';
import { indexPartDescriptionSchema } from '../repository/library-index.ts';
import { FaultyStore } from '../testing/faulty-store.ts';
import { attemptOf, signal, unhurried } from '../testing/library-backup.ts';
import { MemoryStore } from '../testing/memory-store.ts';
import { copyShard } from './copy-shard.ts';
import { foldIndex } from './fold-index.ts';
import { planLibraryBackup } from './plan-backup.ts';

const attempt = attemptOf('retail-prd-backup-20251109-143000');
const prefix = backupPrefix(attempt, attempt.backupId);
const keys = Array.from({ length: 8 }, (_, number) => `key-${number}`);
const limits = { rows: 100, copyBytes: 1000 };

describe('copying a shard', () => {
  let memory: MemoryStore;
  let source: FaultyStore;
  let backups: MemoryStore;

  beforeEach(async () => {
    memory = new MemoryStore();
    source = new FaultyStore(memory);
    backups = new MemoryStore();
    for (const key of keys) await memory.put(key, Buffer.from(key));
    const plan = { attempt, source, backups, base: undefined, excludeGeneratedFiles: false, limits, signal };
    expect(await planLibraryBackup(plan)).toMatchObject({ shards: 1, objects: 8, copyObjects: 8 });
  });

  function copy(cursor = 0, control: Partial<CopyControl> = {}, concurrency = 3): Promise<ShardProgress> {
    return copyShard({
      attempt,
      source,
      backups,
      shard: 0,
      cursor,
      concurrency,
      control: { ...unhurried, ...control },
    });
  }
  const description = (cursor: number) =>
    readJson(backups, prefix + indexPartDescriptionPath(1, 0, cursor), indexPartDescriptionSchema);

  it('tells of each object once, in order, after it was copied', async () => {
    const told: string[][] = [];
    const onCopied = async ({ objects, bytes }: { objects: number; bytes: number }) => {
      told.push([
        `${objects} ${bytes}`,
        ...backups.keys(`${prefix}objects/`).slice(told.length, told.length + 1),
      ]);
    };
    expect(await copy(0, { onCopied })).toEqual({
      cursor: null,
      objects: 8,
      bytes: 40,
      copiedObjects: 8,
      copiedBytes: 40,
    });
    expect(told).toEqual(keys.map((key) => ['1 5', `${prefix}objects/${key}`]));
  });

  it('ends with what the listener throws, and leaves no part of the index', async () => {
    const error = new CancelledError('run');
    let told = 0;
    const onCopied = async () => {
      told += 1;
      if (told === 3) throw error;
    };
    await expect(copy(0, { onCopied }, 1)).rejects.toBe(error);
    expect(backups.keys(`${prefix}${indexPartPath(1, 0, 0)}`)).toEqual([]);
    expect(backups.keys(`${prefix}objects/`).length).toBeLessThan(6);
  });

  it('does at least one object in each call, however late it is', async () => {
    let cursor: number | null = 0;
    const cursors: (number | null)[] = [];
    while (cursor !== null) {
      cursor = (await copy(cursor, { isTimeOver: () => true })).cursor;
      cursors.push(cursor);
    }
    expect(cursors).toEqual([1, 2, 3, 4, 5, 6, 7, null]);
    expect(await foldIndex(backups, attempt, 1)).toMatchObject({ objects: 8, bytes: 40, vanishedObjects: 0 });
  });

  it('goes on behind objects that vanished, and counts each once', async () => {
    await memory.deleteMany([{ key: 'key-0' }, { key: 'key-3' }, { key: 'key-7' }]);
    let cursor: number | null = 0;
    while (cursor !== null) cursor = (await copy(cursor, { isTimeOver: () => true }, 1)).cursor;
    expect(await description(0)).toMatchObject({
      part: { rows: 0 },
      vanished: { count: 1, bytes: 5, keys: ['key-0'] },
    });
    const index = await foldIndex(backups, attempt, 1);
    expect(index).toMatchObject({
      objects: 5,
      bytes: 25,
      copiedObjects: 5,
      vanishedObjects: 3,
      vanishedBytes: 15,
    });
  });

  it('answers with nothing to do for a cursor behind its end', async () => {
    expect(await copy(8)).toEqual({ cursor: null, objects: 0, bytes: 0, copiedObjects: 0, copiedBytes: 0 });
  });

  it('leaves no part when an object can not be read, and succeeds when it is called again', async () => {
    const error = new LcbError({ code: 'objectStore.unavailable', message: 'later', retryable: true });
    source.fail('get', 5, error);
    await expect(copy()).rejects.toBe(error);
    expect(backups.keys(`${prefix}${indexPartPath(1, 0, 0)}`)).toEqual([]);
    expect([memory.openBodies, backups.openBodies]).toEqual([0, 0]);
    expect(await copy()).toMatchObject({ cursor: null, objects: 8 });
  });

  it('stops when its signal fires', async () => {
    const stop = new AbortController();
    const reason = new Error('stopped');
    source.before('get', 4, () => stop.abort(reason));
    await expect(copy(0, { signal: stop.signal }, 1)).rejects.toThrow();
    expect(source.calls('get')).toBe(4);
    expect(backups.keys(`${prefix}${indexPartPath(1, 0, 0)}`)).toEqual([]);
  });

  it('counts what replaced an object, by the difference of their sizes', async () => {
    await memory.put('key-2', Buffer.from('larger than before'));
    await memory.put('key-4', Buffer.from(''));
    await copy();
    expect(await description(0)).toMatchObject({ replaced: { count: 2, byteDifference: 13 - 5 } });
    expect(await foldIndex(backups, attempt, 1)).toMatchObject({
      bytes: 40 + 13 - 5,
      replacedByteDifference: 13 - 5,
    });
  });
});

describe('folding an index', () => {
  it('of an empty library has no parts', async () => {
    const backups = new MemoryStore();
    expect(await foldIndex(backups, attempt, 0)).toEqual({
      parts: [],
      objects: 0,
      bytes: 0,
      copiedObjects: 0,
      copiedBytes: 0,
      vanishedObjects: 0,
      vanishedBytes: 0,
      replacedByteDifference: 0,
      references: [],
    });
  });

  const part = { path: 'p', bytes: 1, sha256: '0'.repeat(64), rows: 1, objectBytes: 1 };
  const done = { shard: 0, cursor: 0, next: null, part, copiedObjects: 1, copiedBytes: 1 };
  const nothing = {
    vanished: { count: 0, bytes: 0, keys: [] },
    replaced: { count: 0, byteDifference: 0 },
    references: [],
  };
  async function folded(...descriptions: object[]): Promise<unknown> {
    const backups = new MemoryStore();
    for (const [shard, description] of descriptions.entries()) {
      const key = prefix + indexPartDescriptionPath(1, shard, 0);
      await backups.put(key, Buffer.from(JSON.stringify({ ...done, ...nothing, ...description })));
    }
    return foldIndex(backups, attempt, 2);
  }

  it('refuses one that lacks a part', async () => {
    await expect(folded({})).rejects.toMatchObject({ code: 'library.incomplete' });
    await expect(folded({ next: 5 }, {})).rejects.toMatchObject({ code: 'library.incomplete' });
  });

  it('refuses parts that overlap', async () => {
    const overlapping = folded(
      { part: { ...part, firstKey: 'a', lastKey: 'c' } },
      { part: { ...part, firstKey: 'c', lastKey: 'd' } },
    );
    await expect(overlapping).rejects.toMatchObject({ code: 'library.incomplete' });
  });

  it('does not follow a part that leads back to itself', async () => {
    await expect(folded({ next: 0 }, {})).rejects.toMatchObject({ code: 'library.incomplete' });
  });
});
