import { createHash } from 'node:crypto';
import type { Compression, DumpPart } from '@lcb/core';
import { compressionSuffix } from '../../stream/compression.ts';
import type { Progress } from '../../stream/progress.ts';
import { storeCompressed } from '../../stream/store-compressed.ts';
import type { WrittenObjects } from '../../stream/written-objects.ts';

export interface PartTarget {
  readonly objects: WrittenObjects;
  readonly folder: string;
  readonly compression: Compression;
  readonly signal: AbortSignal;
  readonly progress: Progress;
}

/** Compresses and stores one part of a dump as `{name}.sql.zst`. */
export async function storePart(
  source: AsyncIterable<Buffer>,
  name: string,
  { objects, folder, compression, signal, progress }: PartTarget,
): Promise<DumpPart> {
  const hash = createHash('sha256');
  let uncompressedBytes = 0;
  async function* measured() {
    for await (const chunk of source) {
      hash.update(chunk);
      uncompressedBytes += chunk.length;
      progress.add(chunk.length);
      yield chunk;
    }
  }
  const path = `${folder}${name}.sql${compressionSuffix(compression)}`;
  const artefact = await storeCompressed({ objects, path, compression, source: measured(), signal });
  return { ...artefact, compression, uncompressedBytes, uncompressedSha256: hash.digest('hex') };
}
