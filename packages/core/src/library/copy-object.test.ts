import { beforeEach, describe, expect, it } from 'vitest';
import { IntegrityError, ObjectNotFoundError, PreconditionFailedError } from '../errors/errors.ts';
import { LcbError } from '../errors/lcb-error.ts';
import type { PlanRow } from '../repository/library-index.ts';
import { FaultyStore } from '../testing/faulty-store.ts';
import { signal } from '../testing/library-backup.ts';
import { MemoryStore } from '../testing/memory-store.ts';
import { copyObject } from './copy-object.ts';
import { sourceObject } from './plan-backup.ts';

const unavailable = new LcbError({ code: 'objectStore.unavailable', message: 'later', retryable: true });

describe.each([true, false])('copying an object, where the source keeps versions: %s', (versions) => {
  let memory: MemoryStore;
  let source: FaultyStore;
  let copies: MemoryStore;
  let target: FaultyStore;
  let row: PlanRow;
  const copy = () => copyObject(source, row, target, 'copy', signal);
  const replace = async (text: string) => {
    await memory.put('key', Buffer.from(text));
  };

  beforeEach(async () => {
    memory = new MemoryStore({ versions, chunkSize: 2 });
    source = new FaultyStore(memory);
    copies = new MemoryStore();
    target = new FaultyStore(copies);
    await memory.put('key', Buffer.from('as listed'), {
      contentType: 'text/plain',
      metadata: { who: 'ada' },
    });
    const info = await memory.head('key');
    if (info === undefined) throw new Error('there is none');
    row = sourceObject(info);
  });

  it('takes its bytes, time, type and metadata', async () => {
    const outcome = await copy();
    expect(outcome).toMatchObject({ kind: 'copied', source: row, stored: { size: 9 } });
    expect(copies.bytes('copy').toString()).toBe('as listed');
    const { lastModified, contentType, metadata } = row;
    expect(await copies.head('copy')).toMatchObject({ lastModified, contentType, metadata });
    expect(memory.openBodies).toBe(0);
  });

  it('takes the one that was listed, or says that it took a newer one', async () => {
    await replace('newer');
    const outcome = await copy();
    const expected = versions ? 'as listed' : 'newer';
    expect(copies.bytes('copy').toString()).toBe(expected);
    expect(outcome).toMatchObject({
      kind: 'copied',
      source: { size: expected.length },
      stored: { size: expected.length },
    });
    if (outcome.kind === 'copied') expect(outcome.source.etag === row.etag).toBe(versions);
  });

  it('says that it is gone', async () => {
    await memory.deleteMany([{ key: 'key', ...(row.version === undefined ? {} : { version: row.version }) }]);
    expect(await copy()).toEqual({ kind: 'vanished' });
    expect(copies.keys()).toEqual([]);
  });

  it('says that it went while it was read', async () => {
    source.breaksOff('key', 4, new ObjectNotFoundError(memory.location, 'key'));
    expect(await copy()).toEqual({ kind: 'vanished' });
    expect(copies.keys()).toEqual([]);
  });

  it('does not call it gone when it is the target that is not there', async () => {
    const error = new ObjectNotFoundError(copies.location, 'copy');
    target.fail('put', 1, error);
    await expect(copy()).rejects.toBe(error);
    expect(memory.openBodies).toBe(0);
  });

  it('does not call it replaced when it is the target that refuses', async () => {
    const error = new PreconditionFailedError('exists');
    target.fail('put', 1, error);
    await expect(copy()).rejects.toBe(error);
    expect(source.calls('get')).toBe(1);
  });

  it('passes on what the source or the target says, and ends the body', async () => {
    source.fail('get', 1, unavailable);
    await expect(copy()).rejects.toBe(unavailable);
    target.fail('put', 1, unavailable);
    await expect(copy()).rejects.toBe(unavailable);
    source.breaksOff('key', 3, unavailable);
    await expect(copy()).rejects.toBe(unavailable);
    expect(memory.openBodies).toBe(0);
    expect(copies.keys()).toEqual([]);
  });

  it('finds a listing that lies about the size', async () => {
    row = { ...row, size: 8 };
    await expect(copy()).rejects.toBeInstanceOf(IntegrityError);
  });

  it('finds a source that ends early without a word', async () => {
    source.truncates('key', 4);
    await expect(copy()).rejects.toBeInstanceOf(IntegrityError);
  });
});

describe('copying an object that is replaced again and again', () => {
  it('gives up, to be tried later', async () => {
    const memory = new MemoryStore();
    await memory.put('key', Buffer.from('0'));
    const source = new FaultyStore(memory);
    const info = await memory.head('key');
    if (info === undefined) throw new Error('there is none');
    for (let nth = 1; nth <= 10; nth += 1) {
      source.before('get', nth, async () => {
        await memory.put('key', Buffer.from(String(nth)));
      });
    }
    const copied = copyObject(source, sourceObject(info), new MemoryStore(), 'copy', signal);
    await expect(copied).rejects.toMatchObject({ code: 'library.unstable', retryable: true });
    expect(source.calls('get')).toBeLessThan(10);
  });
});
