import { type DumpPart, LcbError, type LoadRequest } from '@lcb/core';
import { isOfText } from '../../guard/is-of-text.ts';
import { Progress } from '../../stream/progress.ts';
import { readCompressed, verified, verifyArtefact } from '../../stream/verified-read.ts';

/** Has the dump's SQL loaded, as it is read and verified. */
export async function withSource<T>(
  request: LoadRequest,
  signal: AbortSignal,
  load: (source: AsyncIterable<Uint8Array>) => Promise<T>,
): Promise<T> {
  const { store, backupPrefix, dump } = request;
  const progress = new Progress(request.onProgress, dump.bytes);
  try {
    const result = await load(partsOf(request, progress, signal));
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
  { store, backupPrefix: prefix, dump }: LoadRequest,
  progress: Progress,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  for (const part of dump.parts) {
    const plain = readCompressed({ store, prefix, artefact: part }, part.compression, signal);
    const expected = { bytes: part.uncompressedBytes, sha256: part.uncompressedSha256 };
    yield* verified(plain, expected, prefix + part.path, (bytes) => progress.add(bytes));
  }
}

/** Tells one dump from another; a dump of one part by that part's hash. */
export function dumpHash(parts: readonly DumpPart[]): string {
  const [first] = parts;
  if (first) return first.sha256;
  throw new LcbError({ code: 'internal', message: 'The dump has no parts.' });
}
