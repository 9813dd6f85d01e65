import { ObjectNotFoundError, type ObjectStore, openLent, PreconditionFailedError } from '@lcb/core';
import { describe, expect, it } from 'vitest';
import { collect, numberedBytes, ownPrefix, readAll } from './bytes.ts';

const mebibyte = 2 ** 20;

export function readingContract(store: () => ObjectStore): void {
  describe('probe', () => {
    it('accepts a location that exists', async () => {
      await store().put(`${ownPrefix()}object`, Buffer.from('x'));
      await expect(store().probe()).resolves.toBeUndefined();
    });
  });

  describe('head', () => {
    it('answers undefined for what is not there, a prefix of objects included', async () => {
      const prefix = ownPrefix();
      await store().put(`${prefix}folder/object`, Buffer.from('x'));
      expect(await store().head(`${prefix}missing`)).toBeUndefined();
      expect(await store().head(`${prefix}folder`)).toBeUndefined();
      expect(await store().head(`${prefix}folder/object/below`)).toBeUndefined();
    });

    it('shows the same as get and list', async () => {
      const prefix = ownPrefix();
      const key = `${prefix}object`;
      await store().put(key, Buffer.from('same'));
      const head = await store().head(key);
      const { info, body } = await store().get(key);
      body.destroy();
      const [listed] = await collect(store().list({ prefix }));
      expect(info).toEqual(head);
      // Listings may leave content type and metadata out.
      expect(head).toMatchObject({ ...listed });
      expect(head?.lastModified).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    });
  });

  describe('get', () => {
    it('fails for what is not there', async () => {
      const prefix = ownPrefix();
      await store().put(`${prefix}folder/object`, Buffer.from('x'));
      for (const key of ['missing', 'folder', 'folder/object/below', 'missing/below']) {
        await expect(store().get(prefix + key)).rejects.toBeInstanceOf(ObjectNotFoundError);
      }
    });

    it('opens by etag, and refuses another one', async () => {
      const key = `${ownPrefix()}object`;
      const first = await store().put(key, Buffer.from('first'));
      const { body } = await store().get(key, { ifMatch: first.etag });
      body.destroy();
      await store().put(key, Buffer.from('other'));
      await expect(store().get(key, { ifMatch: first.etag })).rejects.toBeInstanceOf(PreconditionFailedError);
    });

    it('never mixes an object with the one that replaces it while it is read', async () => {
      const key = `${ownPrefix()}object`;
      const [before, after] = [numberedBytes(4_000_000, 1), numberedBytes(4_000_000, 2)];
      await store().put(key, before);
      const { body } = await store().get(key);
      const chunks: Uint8Array[] = [];
      const reading = (async (): Promise<Buffer> => {
        for await (const chunk of body) {
          if (chunks.length === 0) await store().put(key, after);
          chunks.push(chunk);
        }
        return Buffer.concat(chunks);
      })();
      const [outcome] = await Promise.allSettled([reading]);
      // To fail is allowed: the reader then begins anew. To end with other bytes is not.
      if (outcome.status === 'fulfilled') expect(outcome.value.equals(before)).toBe(true);
      expect((await readAll(store(), key)).equals(after)).toBe(true);
    });

    it('lets a reader leave early', async () => {
      const key = `${ownPrefix()}object`;
      await store().put(key, numberedBytes(2_000_000, 3));
      const { body } = await store().get(key);
      for await (const chunk of body) {
        expect(chunk.length).toBeGreaterThan(0);
        break;
      }
      expect(body.destroyed).toBe(true);
    });
  });

  describe('lend', () => {
    const sizes = [0, 11, 300_000, 9 * mebibyte];

    it.each(sizes)('lends what get gives, whatever was said of its %i bytes', async (size) => {
      const key = `${ownPrefix()}object`;
      const bytes = numberedBytes(size, 4);
      const metadata = { who: 'ada', what: 'größe' };
      await store().put(key, bytes, { contentType: 'text/plain', metadata });
      const { info: expected, body: whole } = await store().get(key);
      whole.destroy();
      for (const said of sizes) {
        const { info, body } = await openLent(store(), key, { size: said, ifMatch: expected.etag });
        expect(info).toEqual(expected);
        const chunks: Buffer[] = [];
        for await (const chunk of body) {
          // Whatever is read ahead is not read into what is lent.
          await new Promise((resolve) => setImmediate(resolve));
          chunks.push(Buffer.from(chunk));
        }
        expect(Buffer.concat(chunks).equals(bytes)).toBe(true);
        expect(body.errored).toBeNull();
      }
    });

    it('fails as get does', async () => {
      const key = `${ownPrefix()}object`;
      await store().put(key, Buffer.from('x'));
      for (const size of sizes) {
        await expect(openLent(store(), `${key}-2`, { size })).rejects.toBeInstanceOf(ObjectNotFoundError);
        const other = openLent(store(), key, { size, ifMatch: 'another' });
        await expect(other).rejects.toBeInstanceOf(PreconditionFailedError);
      }
    });

    it('lets a reader leave early, or not come at all', async () => {
      const key = `${ownPrefix()}object`;
      const size = 5 * mebibyte;
      await store().put(key, numberedBytes(size, 3));
      for (let times = 0; times < 3; times += 1) {
        const { body } = await openLent(store(), key, { size });
        if (times > 0) for await (const _chunk of body) break;
        body.destroy();
      }
    });
  });
}
