import { createHash } from 'node:crypto';
import { KeyRefusedError, type ObjectStore, PreconditionFailedError } from '@lcb/core';
import { archiveRefused } from './archive-refused.ts';
import { readTar, type TarMember } from './read-tar.ts';

export interface UnpackRequest {
  /** Decompressed. */
  readonly source: AsyncIterable<Uint8Array>;
  /** Of the file, for messages. */
  readonly archive: string;
  /** Where the files go; empty. */
  readonly target: ObjectStore;
  readonly limits: UnpackLimits;
  readonly signal: AbortSignal;
}

/** An archive that unpacks to more than this was made to fill the disk. */
export interface UnpackLimits {
  readonly files: number;
  readonly bytes: number;
}

/** Puts every file of an archive into a store under its name. Nothing is followed and nothing is written over. */
export async function unpackLibrary(request: UnpackRequest): Promise<{ files: number; bytes: number }> {
  const { archive, target, limits, signal } = request;
  // Of names in one case and one normalisation; hashes, since names are long and may be millions.
  const seen = new Set<string>();
  const counts = { files: 0, bytes: 0 };
  for await (const member of readTar(request.source, archive)) {
    signal.throwIfAborted();
    const key = keyOf(member, archive, target);
    const folded = createHash('sha256')
      .update(key.normalize('NFC').toLowerCase())
      .digest('base64')
      .slice(0, 16);
    counts.files += 1;
    counts.bytes += member.size;
    if (counts.files > limits.files)
      throw archiveRefused(archive, `holds more than ${limits.files} files`, key);
    if (counts.bytes > limits.bytes)
      throw archiveRefused(archive, `unpacks to more than ${limits.bytes} bytes`, key);
    await put(member, key, seen.has(folded), request);
    seen.add(folded);
  }
  return counts;
}

function keyOf({ name }: TarMember, archive: string, target: ObjectStore): string {
  const key = name.replace(/^(?:\.\/)+/, '');
  const reason = target.refuses(key);
  if (reason !== undefined)
    throw archiveRefused(archive, `holds a name that no file may have (${reason.replace(/\.$/, '')})`, name);
  return key;
}

async function put(
  { name, lastModified, body }: TarMember,
  key: string,
  isSeen: boolean,
  { archive, target, signal }: UnpackRequest,
): Promise<void> {
  if (isSeen && (await target.head(key)) === undefined) {
    throw archiveRefused(archive, 'holds two names that differ in case or normalisation only', name);
  }
  try {
    await target.put(key, body, { ifNoneMatch: '*', lastModified, signal });
  } catch (error) {
    if (error instanceof PreconditionFailedError) throw archiveRefused(archive, 'holds a name twice', name);
    if (error instanceof KeyRefusedError) {
      throw archiveRefused(archive, 'holds a name that is both a file and a folder', name);
    }
    throw error;
  }
}
