import { createHash } from 'node:crypto';
import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { IntegrityError } from '../errors/errors.ts';
import type { DumpPart } from '../ports/database-engine.ts';
import type { ObjectStore } from '../ports/object-store.ts';
import { isCompressionError } from '../repository/compression-error.ts';
import { decompressor } from '../repository/decompressor.ts';
import { verifying } from '../repository/json-lines.ts';
import { wholeFrames } from '../repository/zstd-frames.ts';

export type DumpReading =
  | { readonly ok: true; readonly uncompressedBytes: number }
  | { readonly ok: false; readonly problem: string };

/**
 * Reads one stored part back, decompresses it and compares both hashes: what `gzip -t` does and more. A damaged part is
 * an answer; a store that can't be read throws.
 */
export async function readDumpPart(
  store: ObjectStore,
  prefix: string,
  part: DumpPart,
  signal: AbortSignal,
): Promise<DumpReading> {
  const { body } = await store.get(prefix + part.path);
  const hash = createHash('sha256');
  let bytes = 0;
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      bytes += chunk.length;
      done();
    },
  });
  try {
    await pipeline(
      body,
      verifying(part),
      wholeFrames(part.compression),
      decompressor(part.compression),
      sink,
      { signal },
    );
  } catch (error) {
    if (error instanceof IntegrityError) return { ok: false, problem: error.message };
    if (isCompressionError(error))
      return { ok: false, problem: `${part.path} can't be decompressed: ${error.message}.` };
    throw error;
  }
  const sha256 = hash.digest('hex');
  if (bytes !== part.uncompressedBytes || sha256 !== part.uncompressedSha256) {
    return { ok: false, problem: `${part.path} decompresses to other bytes than were dumped` };
  }
  return { ok: true, uncompressedBytes: bytes };
}
