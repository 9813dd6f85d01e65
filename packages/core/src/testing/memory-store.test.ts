import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KeyRefusedError, ObjectNotFoundError, PreconditionFailedError } from '../errors/errors.ts';
import { readBytes } from '../repository/json-artefact.ts';
import { MemoryStore } from './memory-store.ts';
import { toArray, watched } from './streams.ts';

const key = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 6 });

describe('the store in memory', () => {
  it('lists everything once, by the bytes of the key, under a prefix and after a key', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(key), key, async (keys, startAfter) => {
        const store = new MemoryStore();
        for (const each of keys) await store.put(`a/${each}`, Buffer.from(each));
        await store.put('b', Buffer.from('b'));
        const listed = (await toArray(store.list({ prefix: 'a/', startAfter: `a/${startAfter}` }))).map(
          (info) => info.key,
        );
        const expected = keys.map((each) => Buffer.from(`a/${each}`)).sort(Buffer.compare);
        expect(listed).toEqual(
          expected.filter((each) => Buffer.compare(each, Buffer.from(`a/${startAfter}`)) > 0).map(String),
        );
      }),
    );
  });

  it('lets exactly one of many racing writers create an object', async () => {
    const store = new MemoryStore();
    const writers = Array.from({ length: 5 }, (_, index) =>
      store.put('key', watched([Buffer.from(String(index))]), { ifNoneMatch: '*' }),
    );
    const settled = await Promise.allSettled(writers);
    expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const result of settled) {
      if (result.status === 'rejected') expect(result.reason).toBeInstanceOf(PreconditionFailedError);
    }
  });

  it('leaves nothing of a body that fails, nor of a write that is stopped', async () => {
    const store = new MemoryStore();
    const error = new Error('broken');
    await expect(store.put('key', watched([Buffer.from('a')], { failAt: 1, error }))).rejects.toBe(error);
    const stopped = AbortSignal.abort(error);
    await expect(store.put('key', Buffer.from('a'), { signal: stopped })).rejects.toBe(error);
    expect(store.keys()).toEqual([]);
  });

  it('keeps what was there when a replacement fails', async () => {
    const store = new MemoryStore();
    await store.put('key', Buffer.from('old'));
    await expect(
      store.put('key', watched([Buffer.from('new')], { failAt: 1, error: new Error('broken') })),
    ).rejects.toThrow();
    expect(store.bytes('key').toString()).toBe('old');
  });

  it('reads by etag and by version', async () => {
    const store = new MemoryStore({ versions: true });
    const first = await store.put('key', Buffer.from('one'), {
      contentType: 'text/plain',
      metadata: { Name: 'x' },
    });
    const second = await store.put('key', Buffer.from('two'));
    expect(first.etag).not.toBe(second.etag);
    await expect(store.get('key', { ifMatch: first.etag })).rejects.toBeInstanceOf(PreconditionFailedError);
    const { info, body } = await store.get('key', { version: first.version ?? '', ifMatch: first.etag });
    expect(Buffer.concat(await toArray(body)).toString()).toBe('one');
    expect(info).toMatchObject({ contentType: 'text/plain', metadata: { name: 'x' } });
    await store.deleteMany([{ key: 'key' }]);
    await expect(store.get('key')).rejects.toBeInstanceOf(ObjectNotFoundError);
    expect(store.bytes('key', second.version).toString()).toBe('two');
  });

  it('knows no versions where it keeps none', async () => {
    const store = new MemoryStore();
    const stored = await store.put('key', Buffer.from('one'));
    expect(stored).not.toHaveProperty('version');
    await expect(store.get('key', { version: '1' })).rejects.toBeInstanceOf(ObjectNotFoundError);
    await expect(store.head('other')).resolves.toBeUndefined();
  });

  it('counts the bodies that nobody has ended', async () => {
    const store = new MemoryStore();
    await store.put('key', Buffer.from('one'));
    const { body } = await store.get('key');
    expect(store.openBodies).toBe(1);
    body.destroy();
    await readBytes(store, 'key');
    expect(store.openBodies).toBe(0);
  });

  it('refuses keys that it can not hold', async () => {
    const store = new MemoryStore({ longestKey: 4 });
    for (const refused of ['', '\ud800', 'ééé']) {
      expect(store.refuses(refused)).toBeTypeOf('string');
      await expect(store.put(refused, Buffer.of())).rejects.toBeInstanceOf(KeyRefusedError);
    }
    expect(store.refuses('éé')).toBeUndefined();
  });

  it('says that its location is missing, which its empty listing does not', async () => {
    const store = new MemoryStore({ missing: true });
    await expect(toArray(store.list())).resolves.toEqual([]);
    await expect(store.probe()).rejects.toMatchObject({ code: 'objectStore.locationMissing' });
  });
});
