import { createHash } from 'node:crypto';
import { type DumpPart, LcbError, type LoadRequest } from '@lcb/core';
import { isOfText } from '../../guard/is-of-text.ts';
import { Progress } from '../../stream/progress.ts';
import { readCompressed, verified, verifyArtefact } from '../../stream/verified-read.ts';

/** The SQL of parts of the dump, one after the other, each verified as it is read. */
export type ReadParts = (parts: readonly DumpPart[]) => AsyncGenerator<Uint8Array>;

/** Has the dump's SQL loaded, as it is read and verified. */
export async function withSource<T>(
  request: LoadRequest,
  signal: AbortSignal,
  load: (read: ReadParts) => Promise<T>,
): Promise<T> {
  const { store, backupPrefix, dump } = request;
  const progress = new Progress(request.onProgress, dump.bytes);
  try {
    const result = await load((parts) => partsOf(request, parts, progress, signal));
    progress.flush();
    return result;
  } catch (error) {
    signal.throwIfAborted();
    // Damaged bytes can look like SQL that fails before their end is reached: then the damage is what is to be said.
    if (isOfText(error))
      for (const artefact of dump.parts)
        await verifyArtefact({ store, prefix: backupPrefix, artefact }, signal);
    throw error;
  }
}

async function* partsOf(
  { store, backupPrefix: prefix }: LoadRequest,
  parts: readonly DumpPart[],
  progress: Progress,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  for (const part of parts) {
    const plain = readCompressed({ store, prefix, artefact: part }, part.compression, signal);
    const expected = { bytes: part.uncompressedBytes, sha256: part.uncompressedSha256 };
    yield* verified(plain, expected, prefix + part.path, (bytes) => progress.add(bytes));
  }
}

/** Tells one dump from another; a dump of one part by that part's hash. */
export function dumpHash(parts: readonly DumpPart[]): string {
  const [first, ...others] = parts;
  if (!first) throw new LcbError({ code: 'internal', message: 'The dump has no parts.' });
  if (others.length === 0) return first.sha256;
  const hash = createHash('sha256');
  for (const { sha256 } of parts) hash.update(`${sha256}\n`);
  return hash.digest('hex');
}
