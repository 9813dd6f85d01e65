import { pipeline } from 'node:stream/promises';
import { IntegrityError } from '../errors/errors.ts';
import type { DumpPart } from '../ports/database-engine.ts';
import type { ObjectStore } from '../ports/object-store.ts';
import { isCompressionError } from './compression-error.ts';
import { decompressor } from './decompressor.ts';
import { verifying } from './json-lines.ts';
import { wholeFrames } from './zstd-frames.ts';

/**
 * The bytes of one part of a dump, as they are stored or decompressed, compared with the backup's hashes on their way.
 * Whoever reads them must not trust the last of them before the end. @throws IntegrityError
 */
export async function* dumpPartBytes(
  store: ObjectStore,
  prefix: string,
  part: DumpPart,
  form: 'stored' | 'plain',
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const { body } = await store.get(prefix + part.path);
  if (form === 'stored') {
    try {
      yield* verifying(part)(body);
    } finally {
      body.destroy();
    }
    return;
  }
  const plain = decompressor(part.compression);
  const reading = pipeline(body, verifying(part), wholeFrames(part.compression), plain, { signal });
  // Its failure also destroys `plain`, which is where the loop below meets it.
  reading.catch(() => undefined);
  const { path, uncompressedBytes, uncompressedSha256 } = part;
  try {
    yield* verifying({ path, bytes: uncompressedBytes, sha256: uncompressedSha256 })(plain);
    await reading;
  } catch (error) {
    if (!isCompressionError(error)) throw error;
    throw new IntegrityError(`${path} can't be decompressed: ${error.message}.`);
  } finally {
    body.destroy();
    plain.destroy();
  }
}
