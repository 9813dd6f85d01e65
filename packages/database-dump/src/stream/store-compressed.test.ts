import { randomFillSync } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { MemoryStore } from '../testing/memory-store.ts';
import { storeCompressed } from './store-compressed.ts';
import { WrittenObjects } from './written-objects.ts';

const signal = new AbortController().signal;
const CHUNK = 64 * 1024;

describe('storing a compressed stream', () => {
  it.each(['zstd', 'gzip'] as const)('waits for a slow store (%s)', async (compression) => {
    let produced = 0;
    let taken = 0;
    let mostBetween = 0;
    async function* source() {
      for (let i = 0; i < 300; i += 1) {
        produced += CHUNK;
        yield randomFillSync(Buffer.alloc(CHUNK));
      }
    }
    const store = new MemoryStore();
    store.put = async (key, body) => {
      if (body instanceof Uint8Array) throw new Error('A stream was expected.');
      for await (const chunk of body) {
        taken += chunk.length;
        mostBetween = Math.max(mostBetween, produced - taken);
        for (let turn = 0; turn < 5; turn += 1) await setImmediate();
      }
      return { size: taken, etag: key, checksum: { algorithm: 'sha256', value: '' } };
    };
    const objects = new WrittenObjects(store, '');
    await storeCompressed({ objects, path: 'x', compression, source: source(), signal });
    expect(taken).toBeGreaterThan(18 * 1024 * 1024);
    expect(mostBetween).toBeLessThan(2 * 1024 * 1024);
  });

  it('writes one frame, also where the end follows at once on the last bytes', async () => {
    const store = new MemoryStore();
    async function* source() {
      yield Buffer.alloc(3000, 'a');
      yield Buffer.alloc(3000, 'b');
    }
    const objects = new WrittenObjects(store, '');
    await storeCompressed({ objects, path: 'x', compression: 'zstd', source: source(), signal });
    const magic = Buffer.from([0x28, 0xb5, 0x2f, 0xfd]);
    expect(store.bytes('x').lastIndexOf(magic)).toBe(0);
  });

  it('stores nothing when the source fails, and says why', async () => {
    const store = new MemoryStore();
    const failure = new Error('the tool died');
    async function* source() {
      yield Buffer.from('something');
      throw failure;
    }
    const objects = new WrittenObjects(store, '');
    const storing = storeCompressed({ objects, path: 'x', compression: 'zstd', source: source(), signal });
    await expect(storing).rejects.toBe(failure);
    expect(store.keys()).toEqual([]);
  });

  it('ends the source when the store fails without reading', async () => {
    const store = new MemoryStore();
    const failure = new Error('denied');
    store.put = () => Promise.reject(failure);
    let ended = false;
    async function* source() {
      try {
        for (;;) yield Buffer.alloc(CHUNK);
      } finally {
        ended = true;
      }
    }
    const objects = new WrittenObjects(store, '');
    const storing = storeCompressed({ objects, path: 'x', compression: 'zstd', source: source(), signal });
    await expect(storing).rejects.toBe(failure);
    expect(ended).toBe(true);
  });
});
