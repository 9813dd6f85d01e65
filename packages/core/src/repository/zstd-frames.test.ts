import { pipeline } from 'node:stream/promises';
import { constants, createZstdDecompress, zstdCompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { isZstd, wholeFrames } from './zstd-frames.ts';

const large = Array.from({ length: 60_000 }, (_, at) => (at * 7919) % 10_007).join(',');
const checksum = { params: { [constants.ZSTD_c_checksumFlag]: 1 } };

/** A frame that holds something else than what was compressed. */
function skippable(length: number, kind = 0): Buffer {
  const frame = Buffer.alloc(8 + length, 1);
  frame.writeUInt32LE(0x184d2a50 + kind, 0);
  frame.writeUInt32LE(length, 4);
  return frame;
}

async function* inChunks(bytes: Buffer, length: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length);
}

async function decompress(bytes: Buffer, length = 64 * 1024): Promise<string> {
  const plain = createZstdDecompress();
  const reading = pipeline(inChunks(bytes, length), wholeFrames('zstd'), plain);
  reading.catch(() => undefined);
  const chunks: Buffer[] = [];
  for await (const chunk of plain) chunks.push(Buffer.from(chunk));
  await reading;
  return Buffer.concat(chunks).toString();
}

describe('frames of zstd', () => {
  it.each([7, 4096, 64 * 1024])('are read to the last one, in chunks of %i bytes', async (length) => {
    const frames = [
      skippable(12, 5),
      zstdCompressSync('small,'),
      zstdCompressSync(large, checksum),
      zstdCompressSync(''),
      skippable(0),
      zstdCompressSync('a'.repeat(300_000)),
      skippable(200_000, 15),
      zstdCompressSync(',end', checksum),
    ];
    expect(await decompress(Buffer.concat(frames), length)).toBe(`small,${large}${'a'.repeat(300_000)},end`);
  });

  it('may be many, of which hundreds are in one chunk', async () => {
    const lines = Array.from({ length: 3000 }, (_, at) => `line ${at}\n`);
    expect(await decompress(Buffer.concat(lines.map((line) => zstdCompressSync(line))))).toBe(lines.join(''));
  });

  it('are refused when they are cut anywhere but between two of them', async () => {
    const first = zstdCompressSync('the first of two', checksum);
    const whole = Buffer.concat([first, skippable(3), zstdCompressSync('the second of two', checksum)]);
    for (let cut = 0; cut < whole.length; cut += 1) {
      const read = decompress(whole.subarray(0, cut), 1);
      if (cut === first.length || cut === first.length + 11) expect(await read).toBe('the first of two');
      else await expect(read, `cut at ${cut}`).rejects.toThrow(cut === 0 ? /empty/ : /cut off/);
    }
  });

  it('are refused when something else follows them, and named by where it begins', async () => {
    const frame = zstdCompressSync('text');
    for (const rest of ['garbage', '\0'.repeat(4), '\0'.repeat(512)]) {
      await expect(decompress(Buffer.concat([frame, Buffer.from(rest)]))).rejects.toThrow(
        `what begins at byte ${frame.length} is no zstd`,
      );
    }
    await expect(decompress(Buffer.concat([frame, Buffer.from('abc')]))).rejects.toThrow(/cut off/);
  });

  it('are told by their first bytes', () => {
    expect(isZstd(zstdCompressSync(''))).toBe(true);
    expect(isZstd(skippable(0, 15))).toBe(true);
    for (const other of ['', '(\xb5/', '-- PostgreSQL', '`*M\x18'])
      expect(isZstd(Buffer.from(other, 'latin1'))).toBe(false);
  });
});
