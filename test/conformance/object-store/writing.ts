import { type ObjectStore, PreconditionFailedError } from '@lcb/core';
import { describe, expect, it } from 'vitest';
import { chunksOf, keysOf, lentChunks, numberedBytes, ownPrefix, readAll, sha256 } from './bytes.ts';

const mebibyte = 1024 * 1024;

export function writingContract(store: () => ObjectStore): void {
  describe('put', () => {
    it('answers with size, hash and the etag that head shows', async () => {
      const key = `${ownPrefix()}object`;
      const stored = await store().put(key, chunksOf('hello ', 'world'), { contentType: 'text/plain' });
      expect(stored).toMatchObject({
        size: 11,
        checksum: { algorithm: 'sha256', value: sha256(Buffer.from('hello world')) },
      });
      expect(await store().head(key)).toMatchObject({ key, size: 11, etag: stored.etag });
    });

    it.each([
      ['no chunk', []],
      ['an empty chunk', ['']],
    ])('stores an empty object from %s', async (_, chunks) => {
      const key = `${ownPrefix()}empty`;
      const stored = await store().put(key, chunksOf(...chunks));
      expect(stored).toMatchObject({ size: 0, checksum: { value: sha256(Buffer.alloc(0)) } });
      expect(await readAll(store(), key)).toHaveLength(0);
    });

    it('replaces an object whole, and gives it another etag even for the same bytes and size', async () => {
      const key = `${ownPrefix()}object`;
      const first = await store().put(key, Buffer.from('one'));
      const second = await store().put(key, Buffer.from('two'));
      expect(await readAll(store(), key)).toEqual(Buffer.from('two'));
      expect(second.etag).not.toBe(first.etag);
    });

    it('streams 20 MB', async () => {
      const key = `${ownPrefix()}large`;
      const bytes = numberedBytes(20 * mebibyte, 1);
      const pieces = Array.from({ length: 20 }, (_, index) =>
        bytes.subarray(index * mebibyte, (index + 1) * mebibyte),
      );
      const stored = await store().put(key, chunksOf(...pieces));
      expect(stored).toMatchObject({ size: bytes.length, checksum: { value: sha256(bytes) } });
      expect((await readAll(store(), key)).equals(bytes)).toBe(true);
    });

    it.each([0, 100, mebibyte + 1, 13 * mebibyte])(
      'keeps %i bytes that were only lent, whatever was said of their size',
      async (size) => {
        const bytes = numberedBytes(size, 2);
        const said = [{}, { size }, { size: size + 1 }, { size: Math.max(0, size - 1) }];
        for (const options of said) {
          const key = `${ownPrefix()}lent`;
          const body = lentChunks(bytes, 300_000);
          const stored = await store().put(key, body, { ...options, lent: true });
          expect(stored).toMatchObject({ size, checksum: { value: sha256(bytes) } });
          expect((await readAll(store(), key)).equals(bytes)).toBe(true);
        }
      },
    );

    it('leaves nothing when the body fails, and passes its error on', async () => {
      const prefix = ownPrefix();
      const failure = new Error('the source broke off');
      await expect(store().put(`${prefix}new/object`, chunksOf('some bytes', failure))).rejects.toBe(failure);
      expect(await keysOf(store().list({ prefix }))).toEqual([]);
    });

    it('leaves the old object when the body of its replacement fails', async () => {
      const key = `${ownPrefix()}object`;
      const old = await store().put(key, Buffer.from('old'));
      await expect(store().put(key, chunksOf('new', new Error('broken')))).rejects.toThrow('broken');
      expect(await readAll(store(), key)).toEqual(Buffer.from('old'));
      expect((await store().head(key))?.etag).toBe(old.etag);
    });

    it('stops at a signal while the body keeps silent, closes the body and leaves nothing', async () => {
      const prefix = ownPrefix();
      const abort = new AbortController();
      const reason = new Error('cancelled');
      async function* silent(): AsyncGenerator<Uint8Array> {
        yield Buffer.from('first');
        abort.abort(reason);
        await new Promise(() => undefined);
      }
      await expect(store().put(`${prefix}object`, silent(), { signal: abort.signal })).rejects.toBe(reason);
      expect(await keysOf(store().list({ prefix }))).toEqual([]);
    });

    it('writes nothing for a signal that fired before', async () => {
      const prefix = ownPrefix();
      const signal = AbortSignal.abort(new Error('too late'));
      await expect(store().put(`${prefix}object`, Buffer.from('x'), { signal })).rejects.toThrow('too late');
      expect(await keysOf(store().list({ prefix }))).toEqual([]);
    });

    it('keeps an object that was finished before its signal fired', async () => {
      const key = `${ownPrefix()}object`;
      const abort = new AbortController();
      await store().put(key, chunksOf('x'), { signal: abort.signal });
      abort.abort();
      expect(await readAll(store(), key)).toEqual(Buffer.from('x'));
    });
  });

  describe('put with ifNoneMatch', () => {
    it('creates, and never replaces', async () => {
      const key = `${ownPrefix()}object`;
      const created = await store().put(key, Buffer.from('first'), { ifNoneMatch: '*' });
      expect((await store().head(key))?.etag).toBe(created.etag);
      await expect(store().put(key, Buffer.from('second'), { ifNoneMatch: '*' })).rejects.toBeInstanceOf(
        PreconditionFailedError,
      );
      expect(await readAll(store(), key)).toEqual(Buffer.from('first'));
    });

    it('lets exactly one of many racing writers succeed, and keeps its bytes', async () => {
      const key = `${ownPrefix()}folder/object`;
      const writers = Array.from({ length: 16 }, (_, index) => Buffer.from(`writer ${index}`));
      const outcomes = await Promise.allSettled(
        writers.map((bytes) => store().put(key, chunksOf(bytes), { ifNoneMatch: '*' })),
      );
      const winner = outcomes.findIndex(({ status }) => status === 'fulfilled');
      expect(await readAll(store(), key)).toEqual(writers[winner]);
      const losers = outcomes.filter((outcome) => outcome.status === 'rejected');
      expect(losers).toHaveLength(15);
      for (const { reason } of losers) expect(reason).toBeInstanceOf(PreconditionFailedError);
    });
  });
}
