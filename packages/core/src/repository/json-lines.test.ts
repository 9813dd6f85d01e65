import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { IntegrityError } from '../errors/errors.ts';
import { LcbError } from '../errors/lcb-error.ts';
import { FaultyStore } from '../testing/faulty-store.ts';
import { MemoryStore } from '../testing/memory-store.ts';
import { toArray, watched } from '../testing/streams.ts';
import { readJsonLines, readJsonLinesUnverified, writeJsonLines } from './json-lines.ts';

const signal = new AbortController().signal;
const any = z.unknown();
const rows = fc.array(fc.jsonValue({ stringUnit: 'binary' }));
const unavailable = new LcbError({ code: 'objectStore.unavailable', message: 'later', retryable: true });

function write(store: MemoryStore | FaultyStore, content: AsyncIterable<unknown>, stop = signal) {
  return writeJsonLines(store, 'backup/', 'rows.jsonl.zst', content, stop);
}

/** So many rows, and so different ones, that they take several pieces whichever way they go. */
function many(count = 5000): { readonly number: number; readonly text: string }[] {
  return Array.from({ length: count }, (_, number) => ({
    number,
    text: `${Math.sin(number)}${Math.cos(number)}`,
  }));
}

describe('JSON lines', () => {
  it('come back as they were written, whatever they are', async () => {
    await fc.assert(
      fc.asyncProperty(rows, fc.integer({ min: 1, max: 50 }), async (values, chunkSize) => {
        const store = new MemoryStore({ chunkSize });
        const artefact = await write(store, watched(values));
        expect(artefact.rows).toBe(values.length);
        expect(artefact.bytes).toBe(store.bytes('backup/rows.jsonl.zst').length);
        const expected = JSON.parse(JSON.stringify(values));
        expect(await toArray(readJsonLines(store, 'backup/', artefact, any))).toEqual(expected);
        expect(await toArray(readJsonLinesUnverified(store, 'backup/rows.jsonl.zst', any))).toEqual(expected);
        expect(store.openBodies).toBe(0);
      }),
      { numRuns: 60 },
    );
  });

  it('give the same bytes for the same rows', async () => {
    const store = new MemoryStore();
    expect(await write(store, watched(many()))).toEqual(await write(store, watched(many())));
  });

  it('are found out with any bit of any byte turned, and when cut anywhere or continued', async () => {
    const store = new MemoryStore();
    const artefact = await write(store, watched([{ key: 'a' }, { key: 'b' }, [1, 2, null]]));
    const key = 'backup/rows.jsonl.zst';
    const good = store.bytes(key);
    const damaged = (change: (bytes: Buffer) => Buffer) => {
      store.tamper(key, () => change(Buffer.from(good)));
      return expect(toArray(readJsonLines(store, 'backup/', artefact, any))).rejects.toSatisfy(
        (error) => error instanceof IntegrityError && error.message.includes('rows.jsonl.zst'),
      );
    };
    for (let offset = 0; offset < good.length; offset += 1) {
      for (let bit = 1; bit < 256; bit *= 2) {
        await damaged((bytes) => {
          bytes.writeUInt8(bytes.readUInt8(offset) ^ bit, offset);
          return bytes;
        });
      }
      await damaged((bytes) => bytes.subarray(0, offset));
    }
    for (const more of ['\0', 'x', good]) await damaged((bytes) => Buffer.concat([bytes, Buffer.from(more)]));
  });

  it('are found out damaged anywhere, also where that is far from the end', async () => {
    const store = new MemoryStore({ chunkSize: 1024 });
    const artefact = await write(store, watched(many()));
    const size = artefact.bytes;
    expect(size).toBeGreaterThan(50_000);
    for (const offset of [0, 4, 10, 100, Math.floor(size / 2), size - 1]) {
      const faulty = new FaultyStore(store);
      faulty.flips('backup/rows.jsonl.zst', offset);
      await expect(
        toArray(readJsonLines(faulty, 'backup/', artefact, any)),
        `byte ${offset}`,
      ).rejects.toBeInstanceOf(IntegrityError);
      const cut = new FaultyStore(store);
      cut.truncates('backup/rows.jsonl.zst', offset);
      await expect(
        toArray(readJsonLines(cut, 'backup/', artefact, any)),
        `cut at ${offset}`,
      ).rejects.toBeInstanceOf(IntegrityError);
    }
    expect(store.openBodies).toBe(0);
  });

  it('are not read for ever where somebody put something endless in their place', async () => {
    const store = new MemoryStore();
    const artefact = await write(store, watched([1]));
    const faulty = new FaultyStore(store);
    faulty.neverEnds('backup/rows.jsonl.zst', (bytes) => {
      if (bytes > 10_000_000) throw new Error('read on and on');
    });
    await expect(toArray(readJsonLines(faulty, 'backup/', artefact, any))).rejects.toBeInstanceOf(
      IntegrityError,
    );
  });

  it('say which file holds a row that is not of the form', async () => {
    const store = new MemoryStore();
    const artefact = await write(store, watched([{ key: 1 }]));
    await expect(
      toArray(readJsonLines(store, 'backup/', artefact, z.object({ key: z.string() }))),
    ).rejects.toMatchObject({
      code: 'integrity.mismatch',
      message: expect.stringContaining('backup/rows.jsonl.zst'),
    });
  });

  it('pass on what the store says when it breaks off, as it is', async () => {
    const store = new MemoryStore({ chunkSize: 1024 });
    const artefact = await write(store, watched(many()));
    for (const bytes of [0, 5000, artefact.bytes]) {
      const faulty = new FaultyStore(store);
      faulty.breaksOff('backup/rows.jsonl.zst', bytes, unavailable);
      await expect(toArray(readJsonLines(faulty, 'backup/', artefact, any))).rejects.toBe(unavailable);
      await expect(toArray(readJsonLinesUnverified(faulty, 'backup/rows.jsonl.zst', any))).rejects.toBe(
        unavailable,
      );
    }
    expect(store.openBodies).toBe(0);
  });

  it('end the body when the reader stops early', async () => {
    const store = new MemoryStore({ chunkSize: 1024 });
    const artefact = await write(store, watched(many()));
    for await (const _row of readJsonLines(store, 'backup/', artefact, any)) break;
    await expect.poll(() => store.openBodies).toBe(0);
  });
});

describe('writing JSON lines', () => {
  it.each([0, 1, 3000])('leaves nothing when the rows fail after %i', async (failAt) => {
    const store = new MemoryStore();
    const error = new Error('broken');
    const stream = watched(many(), { failAt, error });
    await expect(write(store, stream)).rejects.toBe(error);
    expect(stream.ended).toBe(true);
    expect(store.keys()).toEqual([]);
  });

  it('ends the rows when the store refuses, without reading them all', async () => {
    const store = new FaultyStore(new MemoryStore());
    store.fail('put', 1, unavailable);
    const stream = watched(many(200_000));
    await expect(write(store, stream)).rejects.toBe(unavailable);
    expect(stream.ended).toBe(true);
    expect(stream.taken).toBeLessThan(200_000);
  });

  it('writes one frame of zstd: an empty one after it may be taken for damage', async () => {
    const store = new MemoryStore();
    const { path } = await write(store, watched(many(20_000)));
    const chunks: Uint8Array[] = [];
    const [key = path] = store.keys();
    for await (const chunk of (await store.get(key)).body) chunks.push(chunk);
    const magic = Buffer.from([0x28, 0xb5, 0x2f, 0xfd]);
    expect(Buffer.concat(chunks).lastIndexOf(magic)).toBe(0);
  });

  it('stops when the signal fires', async () => {
    const store = new MemoryStore();
    const stop = new AbortController();
    const stream = watched(stopAfter(100, many(), stop));
    await expect(write(store, stream, stop.signal)).rejects.toThrow();
    expect(stream.ended).toBe(true);
    expect(store.keys()).toEqual([]);
  });
});

function* stopAfter<T>(count: number, items: readonly T[], stop: AbortController): Generator<T> {
  for (const [index, item] of items.entries()) {
    if (index === count) stop.abort(new Error('stopped'));
    yield item;
  }
}
