import { execFileSync } from 'node:child_process';
import { chmod, mkdir, readdir, rename, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { InvalidRequestError, KeyRefusedError, type ObjectStore, PreconditionFailedError } from '@lcb/core';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import { fileSystemStore } from './file-system-store.ts';

interface Opened {
  readonly folder: string;
  readonly store: ObjectStore;
}

async function openStore(): Promise<Opened> {
  const folder = await temporaryFolder();
  return { folder, store: fileSystemStore(pathToFileURL(folder).href) };
}

async function keysOf(
  store: ObjectStore,
  options: { prefix?: string; startAfter?: string } = {},
): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of store.list(options)) keys.push(key);
  return keys;
}

/** Waits until the kernel's clock for files, which moves in steps of some milliseconds, has moved. */
async function clockOfFilesMoved(folder: string): Promise<void> {
  const probe = join(folder, '..', `clock-${process.pid}`);
  const touch = async (): Promise<bigint> => {
    await writeFile(probe, '');
    return (await stat(probe, { bigint: true })).ctimeNs;
  };
  const begin = await touch();
  while ((await touch()) === begin);
  await rm(probe);
}

describe('the location', () => {
  it.each([
    '/plain/path',
    's3://bucket',
    'file://host/share',
    'file:///',
    'file:///a?b',
    'file:///a%2Fb',
    '',
  ])('is refused: %j', (location) => {
    expect(() => fileSystemStore(location)).toThrow(InvalidRequestError);
  });

  it('may be missing, which lists nothing, fails a probe, and is made by a put', async () => {
    const { folder } = await openStore();
    const store = fileSystemStore(pathToFileURL(join(folder, 'not/yet')).href);
    expect(await keysOf(store)).toEqual([]);
    expect(await store.head('a')).toBeUndefined();
    await store.deleteMany([{ key: 'a' }]);
    await expect(store.probe()).rejects.toMatchObject({ code: 'objectStore.locationMissing' });
    await store.put('a/b', Buffer.from('x'));
    expect(await keysOf(store)).toEqual(['a/b']);
    await expect(store.probe()).resolves.toBeUndefined();
  });

  it('may be a link, also one that is changed to another disk', async () => {
    const { folder } = await openStore();
    const link = join(folder, 'link');
    const store = fileSystemStore(pathToFileURL(link).href);
    for (const disk of ['one', 'two']) {
      await mkdir(join(folder, disk));
      await rm(link, { force: true });
      await symlink(disk, link);
      await store.put(`a/${disk}`, Buffer.from('x'));
      expect(await keysOf(store)).toEqual([`a/${disk}`]);
    }
  });

  it('that is a file, or a link to nowhere, is an error', async () => {
    const { folder } = await openStore();
    await writeFile(join(folder, 'file'), 'x');
    await symlink('nowhere', join(folder, 'dangling'));
    for (const name of ['file', 'dangling']) {
      const store = fileSystemStore(pathToFileURL(join(folder, name)).href);
      await expect(store.probe()).rejects.toMatchObject({ code: 'objectStore.locationMissing' });
      await expect(keysOf(store)).rejects.toMatchObject({ retryable: false });
    }
  });
});

describe('what is no file', () => {
  it('a symbolic link is an error with its path everywhere, and is never followed', async () => {
    const { folder, store } = await openStore();
    const outside = await temporaryFolder();
    await writeFile(join(outside, 'secret'), 'x');
    await symlink(outside, join(folder, 'folder'));
    await symlink(join(outside, 'secret'), join(folder, 'file'));
    const error = { code: 'objectStore.notAFile' };
    await expect(keysOf(store)).rejects.toMatchObject(error);
    await expect(keysOf(store, { prefix: 'folder/' })).rejects.toMatchObject(error);
    for (const key of ['file', 'folder/secret']) {
      await expect(store.head(key)).rejects.toMatchObject({
        ...error,
        message: expect.stringContaining('"f'),
      });
      await expect(store.get(key)).rejects.toMatchObject(error);
      await expect(store.put(key, Buffer.from('x'))).rejects.toMatchObject(error);
      await expect(store.deleteMany([{ key }])).rejects.toMatchObject(error);
    }
    await expect(store.put('folder/new/deep', Buffer.from('x'))).rejects.toMatchObject(error);
    expect(await readdir(outside)).toEqual(['secret']);
  });

  it('a named pipe is an error and does not hold anybody up', async () => {
    const { folder, store } = await openStore();
    execFileSync('mkfifo', [join(folder, 'pipe')]);
    await expect(keysOf(store)).rejects.toMatchObject({ code: 'objectStore.notAFile' });
    await expect(store.get('pipe')).rejects.toMatchObject({ code: 'objectStore.notAFile' });
  });

  it.runIf(process.platform === 'linux')('a name that is not UTF-8 is an error, U+FFFD is not', async () => {
    const { folder, store } = await openStore();
    await store.put('fine/\ufffd', Buffer.from('x'));
    expect(await keysOf(store)).toEqual(['fine/\ufffd']);
    await writeFile(Buffer.concat([Buffer.from(`${folder}/fine/bad-`), Buffer.from([0xe9])]), 'latin 1');
    await expect(keysOf(store)).rejects.toMatchObject({ code: 'objectStore.nameNotUtf8' });
  });

  it('does not matter outside of what is listed: other folders are not even read', async () => {
    const { folder, store } = await openStore();
    await Promise.all(['a/1', 'b/1', 'b/3', 'c/1'].map((key) => store.put(key, Buffer.from('x'))));
    await symlink('nowhere', join(folder, 'a/link'));
    await symlink('nowhere', join(folder, 'b/2-link'));
    expect(await keysOf(store, { startAfter: 'b/2-link' })).toEqual(['b/3', 'c/1']);
    expect(await keysOf(store, { prefix: 'c' })).toEqual(['c/1']);
  });

  it('an empty folder is nothing, and in nobody’s way', async () => {
    const { folder, store } = await openStore();
    await mkdir(join(folder, 'empty/er'), { recursive: true });
    await mkdir(join(folder, 'key'));
    expect(await keysOf(store)).toEqual([]);
    await store.put('key', Buffer.from('x'), { ifNoneMatch: '*' });
    expect(await keysOf(store)).toEqual(['key']);
  });
});

describe('keys that meet a file or a folder', () => {
  it('are refused with the reason, before the body is read', async () => {
    const { store } = await openStore();
    await store.put('a/b', Buffer.from('x'));
    let read = false;
    async function* body(): AsyncGenerator<Uint8Array> {
      read = true;
      yield Buffer.from('x');
    }
    for (const key of ['a', 'a/b/c', 'a/b/c/d']) {
      await expect(store.put(key, body())).rejects.toBeInstanceOf(KeyRefusedError);
      await expect(store.put(key, body(), { ifNoneMatch: '*' })).rejects.toBeInstanceOf(KeyRefusedError);
    }
    expect(read).toBe(false);
    expect(await keysOf(store)).toEqual(['a/b']);
  });

  it('in the reserved folder are refused, and what lies there is not listed', async () => {
    const { folder, store } = await openStore();
    await mkdir(join(folder, '.lcb-tmp'));
    await writeFile(join(folder, '.lcb-tmp/unfinished'), 'x');
    expect(await keysOf(store)).toEqual([]);
    expect(await keysOf(store, { prefix: '.lcb-tmp/' })).toEqual([]);
    await expect(store.put('.lcb-tmp/x', Buffer.from('x'))).rejects.toBeInstanceOf(KeyRefusedError);
    await store.put('a/.lcb-tmp/x', Buffer.from('x'));
    // Young, so perhaps somebody's who is still writing.
    expect(await readdir(join(folder, '.lcb-tmp'))).toEqual(['unfinished']);
  });
});

describe('what is kept of a file', () => {
  it.each([
    '2019-02-28T23:59:59.999Z',
    '2025-11-09T14:30:00.001Z',
    '1970-01-01T00:00:00.000Z',
    '1969-12-31T23:59:58.500Z',
  ])('its time %s', async (lastModified) => {
    const { store } = await openStore();
    await store.put('key', Buffer.from('x'), { lastModified });
    expect((await store.head('key'))?.lastModified).toBe(lastModified);
  });

  it('an etag that tells every change, even when size and time are put back', async () => {
    const { folder, store } = await openStore();
    const path = join(folder, 'key');
    const time = new Date('2024-01-01T00:00:00Z');
    const seen = new Set<string>();
    const look = async (): Promise<void> => {
      await clockOfFilesMoved(folder);
      seen.add((await store.head('key'))?.etag ?? '');
    };
    await store.put('key', Buffer.from('one'), { lastModified: time.toISOString() });
    await look();
    await writeFile(path, 'two');
    await utimes(path, time, time);
    await look();
    await writeFile(`${path}.copy`, 'two');
    await utimes(`${path}.copy`, time, time);
    await rename(`${path}.copy`, path);
    await look();
    await chmod(path, 0o600);
    await look();
    expect(seen.size).toBe(4);
    await look();
    expect(seen.size).toBe(4);
  });

  it('no versions: asking for one finds nothing, and deletes nothing', async () => {
    const { store } = await openStore();
    await store.put('key', Buffer.from('x'));
    expect(await store.head('key', { version: '1' })).toBeUndefined();
    await expect(store.get('key', { version: '1' })).rejects.toMatchObject({ code: 'objectStore.notFound' });
    await store.deleteMany([{ key: 'key', version: '1' }]);
    expect(await store.head('key')).toMatchObject({ size: 1 });
  });

  it('the mode that the umask gives, like any program’s file', async () => {
    const { folder, store } = await openStore();
    await store.put('key', Buffer.from('x'));
    expect((await stat(join(folder, 'key'))).mode & 0o777).toBe(0o666 & ~process.umask());
  });
});

describe('a file that is written to while it is read', () => {
  const size = 3_000_000;

  it.each([
    ['grows', (path: string) => writeFile(path, 'more', { flag: 'a' })],
    ['is cut off', (path: string) => writeFile(path, 'short')],
    ['is overwritten with as many bytes', (path: string) => writeFile(path, Buffer.alloc(size, 2))],
  ])('fails the stream when it %s', async (_, change) => {
    const { folder, store } = await openStore();
    const { etag } = await store.put('key', Buffer.alloc(size, 1), {
      lastModified: '2024-01-01T00:00:00.000Z',
    });
    const read = async (ifMatch?: string): Promise<void> => {
      const { body } = await store.get('key', ifMatch === undefined ? {} : { ifMatch });
      let changed = false;
      for await (const chunk of body) {
        expect(chunk.length).toBeGreaterThan(0);
        if (!changed) await change(join(folder, 'key'));
        changed = true;
      }
    };
    await expect(read(etag)).rejects.toBeInstanceOf(PreconditionFailedError);
    await store.put('key', Buffer.alloc(size, 1), { lastModified: '2024-01-01T00:00:00.000Z' });
    await expect(read()).rejects.toMatchObject({ code: 'objectStore.changed', retryable: true });
  });

  it('is read to its end when it is deleted or replaced meanwhile', async () => {
    const { store } = await openStore();
    for (const meddle of [
      () => store.deleteMany([{ key: 'key' }]),
      () => store.put('key', Buffer.from('new')),
    ]) {
      await store.put('key', Buffer.alloc(size, 1));
      const { body } = await store.get('key');
      let bytes = 0;
      for await (const chunk of body) {
        if (bytes === 0) await meddle();
        bytes += chunk.length;
      }
      expect(bytes).toBe(size);
    }
  });
});

describe('folders', () => {
  it('that a deletion empties are removed, up to the root', async () => {
    const { folder, store } = await openStore();
    await store.put('a/b/c/1', Buffer.from('x'));
    await store.put('a/2', Buffer.from('x'));
    await store.deleteMany([{ key: 'a/b/c/1' }]);
    expect(await readdir(join(folder, 'a'))).toEqual(['2']);
    await store.deleteMany([{ key: 'a/2' }]);
    expect(await readdir(folder)).toEqual([]);
  });

  it('of a put that failed are not there', async () => {
    const { folder, store } = await openStore();
    const broken = (async function* (): AsyncGenerator<Uint8Array> {
      yield Buffer.from('x');
      throw new Error('broken');
    })();
    await expect(store.put('a/b/c', broken)).rejects.toThrow('broken');
    expect(await readdir(folder)).toEqual([]);
  });
});
