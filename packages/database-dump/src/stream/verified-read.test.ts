import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { setImmediate } from 'node:timers/promises';
import { zstdCompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { MemoryStore } from '../testing/memory-store.ts';
import { readCompressed } from './verified-read.ts';

const signal = new AbortController().signal;

function artefactOf(stored: Buffer) {
  const sha256 = createHash('sha256').update(stored).digest('hex');
  return { path: 'x', bytes: stored.length, sha256 };
}

describe('reading compressed bytes', () => {
  it.each([15_000, 200_000])('waits for the end, also when all bytes are out before (%i)', async (size) => {
    const plain = Buffer.alloc(size, 'abc');
    const stored = zstdCompressSync(plain);
    const store = new MemoryStore();
    await store.put('x', stored);
    let release = () => {};
    const allOut = new Promise<void>((resolve) => {
      release = resolve;
    });
    const get = store.get.bind(store);
    store.get = async (key) => {
      const { info, body } = await get(key);
      // As a file's body, which is looked at again before it ends.
      async function* late() {
        yield* body;
        await allOut;
        for (let turn = 0; turn < 50; turn += 1) await setImmediate();
      }
      return { info, body: Readable.from(late()) };
    };
    let read = 0;
    const source = readCompressed({ store, prefix: '', artefact: artefactOf(stored) }, 'zstd', signal);
    for await (const chunk of source) {
      read += chunk.length;
      if (read === size) release();
    }
    expect(read).toBe(size);
  });

  it('takes an empty frame at the end for no damage, wherever the bytes are cut', async () => {
    const plain = Buffer.alloc(3000, 'abc');
    const stored = Buffer.concat([zstdCompressSync(plain), zstdCompressSync(Buffer.alloc(0))]);
    for (let cut = 1; cut < 15; cut += 1) {
      const store = new MemoryStore();
      await store.put('x', stored);
      const get = store.get.bind(store);
      const at = stored.length - cut;
      store.get = async (key) => ({
        info: (await get(key)).info,
        body: Readable.from([stored.subarray(0, at), stored.subarray(at)]),
      });
      const artefact = artefactOf(stored);
      const read = await buffer(readCompressed({ store, prefix: '', artefact }, 'zstd', signal));
      expect(read.equals(plain)).toBe(true);
    }
  });

  it('closes what it reads from when the reader stops early', async () => {
    const stored = zstdCompressSync(Buffer.alloc(1_000_000, 'abc'));
    const store = new MemoryStore();
    await store.put('x', stored);
    const get = store.get.bind(store);
    let body: Readable | undefined;
    store.get = async (key) => {
      const found = await get(key);
      body = found.body;
      return found;
    };
    for await (const chunk of readCompressed(
      { store, prefix: '', artefact: artefactOf(stored) },
      'zstd',
      signal,
    )) {
      expect(chunk.length).toBeGreaterThan(0);
      break;
    }
    for (let turn = 0; turn < 10 && !body?.destroyed; turn += 1) await setImmediate();
    expect(body?.destroyed).toBe(true);
  });
});
