import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { constants, gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import { compressionOf, UploadFile } from './open-upload.ts';

const signal = new AbortController().signal;

async function read(bytes: Buffer): Promise<{ readonly text: string; readonly bytes: number }> {
  const path = join(await temporaryFolder(), 'dump.sql.zst');
  await writeFile(path, bytes);
  const file = new UploadFile(path);
  const chunks: Uint8Array[] = [];
  for await (const chunk of file.read(await compressionOf(path), signal)) chunks.push(chunk);
  return { text: Buffer.concat(chunks).toString(), bytes: file.described().bytes };
}

/** Begins a file of pzstd, and stands before each of its frames. */
const skippable = Buffer.from([0x50, 0x2a, 0x4d, 0x18, 4, 0, 0, 0, 1, 2, 3, 4]);

describe('a file that was uploaded', () => {
  it('is read to the last of its frames, small or large', async () => {
    const small = 'CREATE EVENT e1;\n';
    const large = randomBytes(400_000).toString('hex');
    for (const [one, two] of [
      [small, small],
      [small, large],
      [large, small],
      [large, large],
    ] as const) {
      const stored = Buffer.concat([zstdCompressSync(one), zstdCompressSync(two)]);
      expect(await read(stored)).toEqual({ text: one + two, bytes: stored.length });
      const skipping = Buffer.concat([skippable, zstdCompressSync(one), skippable, zstdCompressSync(two)]);
      expect((await read(skipping)).text).toBe(one + two);
      expect((await read(Buffer.concat([gzipSync(one), gzipSync(two)]))).text).toBe(one + two);
    }
  });

  it('is unreadable when it is cut off or goes on with something else', async () => {
    const whole = zstdCompressSync('CREATE TABLE t (a int);\n'.repeat(3), {
      params: { [constants.ZSTD_c_checksumFlag]: 1 },
    });
    const refused = { code: 'upload.unreadable', message: expect.stringMatching(/dump\.sql\.zst .*again/) };
    // With less than four bytes nothing says that it is zstd.
    for (let cut = 4; cut < whole.length; cut += 1)
      await expect(read(whole.subarray(0, cut)), `cut at ${cut}`).rejects.toMatchObject(refused);
    for (const rest of ['x', 'garbage', '\0'.repeat(600)])
      await expect(read(Buffer.concat([whole, Buffer.from(rest)]))).rejects.toMatchObject(refused);
    const damaged = Buffer.from(whole);
    damaged.writeUInt8((damaged[12] ?? 0) ^ 0xff, 12);
    await expect(read(damaged)).rejects.toMatchObject(refused);
  });

  it('takes no more memory for more frames', async () => {
    const frame = zstdCompressSync(Buffer.alloc(2 ** 20, 'x'));
    const path = join(await temporaryFolder(), 'frames.zst');
    await writeFile(path, Buffer.concat(Array.from({ length: 300 }, () => frame)));
    let bytes = 0;
    let most = 0;
    for await (const chunk of new UploadFile(path).read('zstd', signal)) {
      bytes += chunk.length;
      most = Math.max(most, process.memoryUsage().arrayBuffers);
    }
    expect(bytes).toBe(300 * 2 ** 20);
    expect(most).toBeLessThan(100 * 2 ** 20);
  });
});
