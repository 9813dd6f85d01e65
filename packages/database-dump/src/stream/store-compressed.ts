import { pipeline } from 'node:stream/promises';
import { type Artefact, type Compression, taken } from '@lcb/core';
import { compressor } from './compression.ts';
import { gathered } from './gathered.ts';
import type { WrittenObjects } from './written-objects.ts';

/**
 * Compresses a stream into an object. The object appears only if `source` ends without an error; a slow store slows
 * `source` down.
 *
 * @throws the error of `source` if that failed, otherwise the store's.
 */
export async function storeCompressed(options: {
  readonly objects: WrittenObjects;
  readonly path: string;
  readonly compression: Compression;
  readonly source: AsyncIterable<Uint8Array>;
  readonly signal: AbortSignal;
}): Promise<Artefact> {
  let sourceFailure: { readonly error: unknown } | undefined;
  const compressed = compressor(options.compression);
  async function* watched() {
    try {
      yield* gathered(options.source);
    } catch (error) {
      sourceFailure = { error };
      throw error;
    }
    await taken(compressed);
  }
  const feeding = pipeline(watched, compressed, { signal: options.signal });
  const storing = options.objects.put(options.path, compressed, options.signal);
  // A store may give up without reading to the end; then nobody would drain the stream.
  storing.catch((error: unknown) =>
    compressed.destroy(error instanceof Error ? error : new Error(String(error))),
  );

  const [fed, stored] = await Promise.allSettled([feeding, storing]);
  if (sourceFailure) throw sourceFailure.error;
  if (stored.status === 'rejected') throw stored.reason;
  if (fed.status === 'rejected') throw fed.reason;
  return stored.value;
}
