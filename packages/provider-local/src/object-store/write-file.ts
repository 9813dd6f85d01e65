import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { InvalidRequestError, type StoredObject, untilAborted, type WriteOptions } from '@lcb/core';
import { fileEtag } from './file-info.ts';
import { checkPlace, putInPlace } from './put-in-place.ts';
import type { Root } from './root.ts';
import { asStoreError } from './store-error.ts';
import type { TemporaryFiles } from './temporary-file.ts';

type Body = Uint8Array | AsyncIterable<Uint8Array>;

/**
 * Writes beside, then puts in place. Durable when it returns: the file is synced before it gets its name, and the name
 * after that, so a backup that is called good survives a power cut. Errors of the body are thrown as they are.
 */
export async function writeFile(
  root: Root,
  temporary: TemporaryFiles,
  key: string,
  body: Body,
  options: WriteOptions,
): Promise<StoredObject> {
  const path = root.pathFor(key);
  const modified = options.lastModified === undefined ? undefined : parseTime(options.lastModified);
  options.signal?.throwIfAborted();
  await asStoreError(root.location, key, () => checkPlace(root, key, path, options));
  return temporary.use(async (file, temporaryPath) => {
    const { size, sha256 } = await fill(root, key, file, body, options.signal);
    return asStoreError(root.location, key, async () => {
      if (modified !== undefined) await file.utimes(modified, modified);
      await file.sync();
      await putInPlace(root, key, temporaryPath, path, options);
      // Only now: getting its name changed the ctime that the etag is made of.
      const etag = fileEtag(await file.stat({ bigint: true }));
      return { size, etag, checksum: { algorithm: 'sha256', value: sha256 } };
    });
  });
}

async function fill(
  root: Root,
  key: string,
  file: FileHandle,
  body: Body,
  signal: AbortSignal | undefined,
): Promise<{ readonly size: number; readonly sha256: string }> {
  const hash = createHash('sha256');
  let size = 0;
  for await (const chunk of body instanceof Uint8Array ? [body] : untilAborted(body, signal)) {
    hash.update(chunk);
    size += chunk.byteLength;
    await asStoreError(root.location, key, () => file.writeFile(chunk));
  }
  return { size, sha256: hash.digest('hex') };
}

function parseTime(lastModified: string): number | Date {
  const milliseconds = Date.parse(lastModified);
  if (Number.isNaN(milliseconds)) {
    throw new InvalidRequestError(`${JSON.stringify(lastModified)} is not a time in RFC 3339.`);
  }
  // In seconds, half a microsecond later: a floating-point number just below the millisecond would be read as the one
  // before. Node takes a negative number for "now", but not a negative date.
  return milliseconds < 0 ? new Date(milliseconds) : milliseconds / 1000 + 5e-7;
}
