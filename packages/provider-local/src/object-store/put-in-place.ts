import { link, lstat, rename, rmdir, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { KeyRefusedError, LcbError, PreconditionFailedError, type WriteOptions } from '@lcb/core';
import { errorCode, unless } from '../files/error-code.ts';
import { syncDirectory } from '../files/sync-directory.ts';
import type { Root } from './root.ts';
import { contended, notAFile } from './store-error.ts';

/** Deletions may take the folder away this often before something else must be wrong. */
const tries = 100;

/** Finds out before the bytes are sent what would refuse them afterwards. The last word is at {@link putInPlace}. */
export async function checkPlace(
  root: Root,
  key: string,
  path: string,
  { ifNoneMatch }: WriteOptions,
): Promise<void> {
  const found = await lstatIfThere(path);
  if (found === undefined) return checkFolders(root, key, dirname(path));
  await root.holds(dirname(path));
  if (found.isDirectory()) {
    if (!(await removedEmptyFolder(path))) throw isFolder(root, key);
  } else if (!found.isFile()) throw notAFile(root.location, key);
  else if (ifNoneMatch === '*') throw exists(root, key);
}

/**
 * Gives a finished file its name, making the folders of the key, and makes the name durable. Over an object of that name,
 * or, with `ifNoneMatch`, only where there is none: link(2) fails where rename(2) would replace.
 */
export async function putInPlace(
  root: Root,
  key: string,
  from: string,
  path: string,
  { ifNoneMatch, signal }: WriteOptions,
): Promise<void> {
  const folder = dirname(path);
  const changed = new Set([folder]);
  for (let count = 0; count < tries; count += 1) {
    for (const parent of await root.makeFolder(folder, key)) changed.add(parent);
    signal?.throwIfAborted();
    try {
      await (ifNoneMatch === '*' ? link(from, path) : rename(from, path));
    } catch (error) {
      await refuse(root, key, path, error);
      continue;
    }
    if (ifNoneMatch === '*') await unlink(from);
    // Last and in a row: a journalling file system writes all of it with the first. A folder that is gone by now was
    // emptied by somebody who deleted the object.
    for (const parent of changed) await unless(['ENOENT'], syncDirectory(parent));
    return;
  }
  throw contended(root.location, key);
}

/** Throws what the failure means, or returns when the next try may succeed. */
async function refuse(root: Root, key: string, path: string, error: unknown): Promise<void> {
  switch (errorCode(error)) {
    // A deletion that emptied the folder took it away again.
    case 'ENOENT':
      return;
    case 'EEXIST':
    case 'EISDIR':
      if (await removedEmptyFolder(path)) return;
      throw (await lstatIfThere(path))?.isDirectory() ? isFolder(root, key) : exists(root, key);
    case 'ENOTDIR':
      throw root.fileInTheWay(key);
    case 'ENOTSUP':
    case 'ENOSYS':
      throw noHardLinks(root);
    default:
      throw error;
  }
}

/** The nearest folder above that exists must be one, and not a link. */
async function checkFolders(root: Root, key: string, folder: string): Promise<void> {
  for (let at = folder; at !== root.path; at = dirname(at)) {
    const found = await lstatIfThere(at);
    if (found?.isFile()) throw root.fileInTheWay(key);
    if (found !== undefined) {
      await root.holds(at);
      return;
    }
  }
}

/** An empty folder is no object and must not be in the way of one. */
async function removedEmptyFolder(path: string): Promise<boolean> {
  try {
    await rmdir(path);
    return true;
  } catch (error) {
    const code = errorCode(error) ?? '';
    if (code === 'ENOENT') return true;
    if (['ENOTEMPTY', 'EEXIST', 'ENOTDIR'].includes(code)) return false;
    throw error;
  }
}

function lstatIfThere(path: string): Promise<Awaited<ReturnType<typeof lstat>> | undefined> {
  return unless(['ENOENT', 'ENOTDIR'], lstat(path));
}

function exists(root: Root, key: string): PreconditionFailedError {
  return new PreconditionFailedError(
    `${JSON.stringify(key)} exists in ${root.location} already; it was to be created, not replaced.`,
  );
}

function isFolder(root: Root, key: string): KeyRefusedError {
  return new KeyRefusedError(root.location, key, 'it exists as a folder of other objects.');
}

function noHardLinks(root: Root): LcbError {
  return new LcbError({
    code: 'objectStore.noHardLinks',
    message: `The file system of ${root.location} has no hard links, without which a file can't be created exactly once. Use a folder on another file system (ext4, XFS, Btrfs, ZFS, APFS, NFS).`,
  });
}
