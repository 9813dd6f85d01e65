import { constants } from 'node:fs';
import { type FileHandle, lstat, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type ObjectInfo, ObjectNotFoundError, PreconditionFailedError, type ReadOptions } from '@lcb/core';
import { errorCode, unless } from '../files/error-code.ts';
import { fileEtag, fileInfo } from './file-info.ts';
import { OpenBytes } from './open-bytes.ts';
import type { Root } from './root.ts';
import { changedWhileRead, notAFile, storeError } from './store-error.ts';

const gone: readonly string[] = ['ENOENT', 'ENOTDIR'];
/** Never through a link; a named pipe must not hold the call up until somebody writes to it. */
const openFlags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** The file's description, or `undefined` where there is none. A folder is no object. */
export async function describeFile(root: Root, key: string): Promise<ObjectInfo | undefined> {
  const path = root.pathFor(key);
  if (!(await root.holds(dirname(path)))) return undefined;
  const stats = await unless(gone, lstat(path, { bigint: true }));
  if (stats === undefined || stats.isDirectory()) return undefined;
  if (!stats.isFile()) throw notAFile(root.location, key);
  return fileInfo(key, stats);
}

export interface OpenedFile {
  readonly info: ObjectInfo;
  readonly bytes: OpenBytes;
}

/** Opens a file for reading; the etag is compared on what was opened, so nothing can come in between. */
export async function openFile(root: Root, key: string, { ifMatch }: ReadOptions): Promise<OpenedFile> {
  const path = root.pathFor(key);
  if (!(await root.holds(dirname(path)))) throw new ObjectNotFoundError(root.location, key);
  const handle = await openUnfollowed(root, key, path);
  try {
    const opened = await handle.stat({ bigint: true });
    if (opened.isDirectory()) throw new ObjectNotFoundError(root.location, key);
    if (!opened.isFile()) throw notAFile(root.location, key);
    if (ifMatch !== undefined && fileEtag(opened) !== ifMatch) throw notAsWanted(root.location, key);
    const changed = (): Error =>
      ifMatch === undefined ? changedWhileRead(root.location, key) : notAsWanted(root.location, key);
    const translate = (error: unknown): unknown => storeError(root.location, key, error);
    return { info: fileInfo(key, opened), bytes: new OpenBytes({ handle, opened, changed, translate }) };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

async function openUnfollowed(root: Root, key: string, path: string): Promise<FileHandle> {
  try {
    return await open(path, openFlags);
  } catch (error) {
    const code = errorCode(error);
    if (code !== undefined && gone.includes(code)) throw new ObjectNotFoundError(root.location, key);
    // ELOOP: a symbolic link; ENXIO: a socket.
    if (code === 'ELOOP' || code === 'ENXIO') throw notAFile(root.location, key);
    throw error;
  }
}

function notAsWanted(location: string, key: string): PreconditionFailedError {
  return new PreconditionFailedError(
    `${JSON.stringify(key)} in ${location} is no longer the object that was asked for: it was written to since. Look at it again.`,
  );
}
