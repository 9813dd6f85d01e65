import { createHash, randomBytes } from 'node:crypto';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { LcbError } from '../errors/lcb-error.ts';
import type { DumpPart } from '../ports/database-engine.ts';
import { FaultyStore } from '../testing/faulty-store.ts';
import { signal } from '../testing/library-backup.ts';
import { MemoryStore } from '../testing/memory-store.ts';
import { readDumpPart } from './read-dump.ts';

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

describe.each(['zstd', 'gzip'] as const)('reading back a part compressed by %s', (compression) => {
  // More than all buffers on the way hold together: the tool finds damage while the store is still being read.
  const content = randomBytes(2_000_000);
  const stored = compression === 'zstd' ? zstdCompressSync(content) : gzipSync(content);
  const part: DumpPart = {
    path: 'dump.sql',
    bytes: stored.length,
    sha256: sha256(stored),
    compression,
    uncompressedBytes: content.length,
    uncompressedSha256: sha256(content),
  };

  async function store(bytes: Buffer): Promise<MemoryStore> {
    const memory = new MemoryStore({ chunkSize: 64 * 1024 });
    await memory.put('backup/dump.sql', bytes);
    return memory;
  }
  const read = (from: MemoryStore | FaultyStore, of = part, stop = signal) =>
    readDumpPart(from, 'backup/', of, stop);

  it('finds it as it was dumped', async () => {
    expect(await read(await store(stored))).toEqual({ ok: true, uncompressedBytes: content.length });
  });

  it.each([0, 1, 2, 3, 4, 8, 100, 300_000, 1_000_000, stored.length - 2])(
    'names it as damaged at byte %i',
    async (offset) => {
      const bad = Buffer.from(stored);
      bad.writeUInt8(bad.readUInt8(offset) ^ 0xff, offset);
      const memory = await store(bad);
      expect(await read(memory)).toEqual({ ok: false, problem: expect.stringContaining('dump.sql') });
      expect(memory.openBodies).toBe(0);
    },
  );

  it.each([0, 1, 1000, 1_000_000, stored.length - 1])('names it as cut after %i bytes', async (length) => {
    expect(await read(await store(stored.subarray(0, length)))).toEqual({
      ok: false,
      problem: expect.stringContaining('dump.sql'),
    });
  });

  it('names it as damaged where it decompresses to other bytes than the dump had', async () => {
    const memory = await store(stored);
    for (const other of [{ uncompressedBytes: 1 }, { uncompressedSha256: '0'.repeat(64) }]) {
      expect(await read(memory, { ...part, ...other })).toEqual({
        ok: false,
        problem: expect.stringContaining('dump.sql'),
      });
    }
  });

  it('names it as damaged where it was compressed in another way than is said', async () => {
    const other = compression === 'zstd' ? 'gzip' : 'zstd';
    expect(await read(await store(stored), { ...part, compression: other })).toEqual({
      ok: false,
      problem: expect.stringContaining('dump.sql'),
    });
  });

  it.each([0, 1000, 1_000_000])(
    'throws what the store says when it breaks off after %i bytes',
    async (bytes) => {
      const error = new LcbError({ code: 'objectStore.unavailable', message: 'later', retryable: true });
      const memory = await store(stored);
      const faulty = new FaultyStore(memory);
      faulty.breaksOff('backup/dump.sql', bytes, error);
      await expect(read(faulty)).rejects.toBe(error);
      expect(memory.openBodies).toBe(0);
    },
  );

  it('throws when it is stopped', async () => {
    await expect(read(await store(stored), part, AbortSignal.abort(new Error('stopped')))).rejects.toThrow();
  });
});
