import { lstat, mkdir, realpath, rmdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { InvalidRequestError, KeyRefusedError } from '@lcb/core';
import { errorCode, unless } from '../files/error-code.ts';
import { refusedKey } from './refused-key.ts';
import { notAFile } from './store-error.ts';

const gone: readonly string[] = ['ENOENT', 'ENOTDIR'];
/** Not empty, a mount point, or not ours to remove: an empty folder is no object, so leaving it does no harm. */
const staysBecause: readonly string[] = ['ENOTEMPTY', 'EEXIST', 'EBUSY', 'EACCES', 'EPERM', 'ENOTDIR'];

/** The folder of a store: the only place where keys become paths. What is outside of it is never touched. */
export class Root {
  readonly location: string;
  /** Absolute, without a trailing slash. May be a link itself, unlike everything in it. */
  readonly path: string;
  #realPath: string | undefined;

  constructor(location: string) {
    this.location = location;
    this.path = pathOf(location);
  }

  /** @throws KeyRefusedError */
  pathFor(key: string): string {
    const reason = refusedKey(this.path, key);
    if (reason !== undefined) throw new KeyRefusedError(this.location, key, reason);
    return join(this.path, key);
  }

  /**
   * Whether the folder of this path is there. @throws LcbError `objectStore.notAFile` when one of the folders on the way
   * is a symbolic link, so that no key leads out of the root.
   */
  async holds(folder: string): Promise<boolean> {
    const real = await unless(gone, realpath(folder));
    if (real === undefined) {
      // Either nothing is there, or a link that leads nowhere.
      if ((await unless(gone, lstat(folder)))?.isSymbolicLink())
        throw notAFile(this.location, this.#keyOf(folder));
      return false;
    }
    if (folder === this.path) return true;
    if (this.#realPath === undefined || real !== this.#inside(this.#realPath, folder)) {
      // The root may have become a link to another disk since: look again before complaining.
      this.#realPath = await realpath(this.path);
      if (real !== this.#inside(this.#realPath, folder)) throw notAFile(this.location, this.#keyOf(folder));
    }
    return true;
  }

  /**
   * Makes the folder and those above it that are missing. A deletion that prunes meanwhile may have taken it away again:
   * whoever then finds no folder calls again. @throws KeyRefusedError where a file is in the way
   * @returns folders that got a new name in them: to be synced before the new ones count as durable
   */
  async makeFolder(folder: string, key: string): Promise<string[]> {
    if (await this.holds(folder)) return [];
    if (folder === this.path) return makeRoot(folder);
    const parent = dirname(folder);
    const changed = await this.makeFolder(parent, key);
    try {
      await mkdir(folder);
    } catch (error) {
      if (errorCode(error) === 'ENOTDIR') throw this.fileInTheWay(key);
      // The one above was pruned between its making and this.
      if (errorCode(error) === 'ENOENT') return [...changed, parent];
      if (errorCode(error) !== 'EEXIST') throw error;
      if ((await unless(gone, lstat(folder)))?.isFile()) throw this.fileInTheWay(key);
    }
    return [...changed, parent];
  }

  /** Removes folders that have become empty, upwards, never the root. Whoever puts something there meanwhile wins. */
  async prune(folder: string): Promise<void> {
    for (let at = folder; at !== this.path; at = dirname(at)) {
      try {
        await rmdir(at);
      } catch (error) {
        const code = errorCode(error);
        if (code !== undefined && staysBecause.includes(code)) return;
        // Gone by somebody else's hand: the one above may be empty now.
        if (code !== 'ENOENT') throw error;
      }
    }
  }

  fileInTheWay(key: string): KeyRefusedError {
    return new KeyRefusedError(this.location, key, 'one of the folders in it exists as a file.');
  }

  #inside(realRoot: string, folder: string): string {
    return join(realRoot, this.#keyOf(folder));
  }

  #keyOf(path: string): string {
    return path.slice(this.path.length + 1);
  }
}

async function makeRoot(path: string): Promise<string[]> {
  const first = await mkdir(path, { recursive: true });
  const changed: string[] = [];
  for (let at = path; first !== undefined && at.length >= first.length; at = dirname(at))
    changed.push(dirname(at));
  return changed;
}

/** @throws InvalidRequestError when the location is not a folder of this machine */
function pathOf(location: string): string {
  const url = URL.canParse(location) ? new URL(location) : undefined;
  const encodedSlash = /%2f/i.test(location);
  if (url?.protocol !== 'file:' || url.host !== '' || url.search !== '' || url.hash !== '' || encodedSlash) {
    throw new InvalidRequestError(
      `${JSON.stringify(location)} is not a folder of this machine. Write it as file:///absolute/path.`,
    );
  }
  const path = resolve(fileURLToPath(url));
  if (path === '/')
    throw new InvalidRequestError('The root of the file system can not be a location. Name a folder in it.');
  return path;
}
