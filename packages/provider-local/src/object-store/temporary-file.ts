import { randomUUID } from 'node:crypto';
import { type FileHandle, lstat, mkdir, open, readdir, rmdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode, unless } from '../files/error-code.ts';
import { syncDirectory } from '../files/sync-directory.ts';
import { temporaryFolder } from './refused-key.ts';
import type { Root } from './root.ts';
import { asStoreError, contended } from './store-error.ts';

/** Hours after the last sign of life before a file counts as left by a killed process. */
const abandonedAfterHours = 24;
/** Other writers may take the folder away this often before something else must be wrong. */
const tries = 100;

/**
 * The folder for files that are being written, in the same file system as their place, so that a rename is enough. It is
 * there only while something is written, so that a restored library holds nothing of ours.
 */
export class TemporaryFiles {
  readonly #root: Root;
  readonly #path: string;
  #swept = false;

  constructor(root: Root) {
    this.#root = root;
    this.#path = join(root.path, temporaryFolder);
  }

  /** Runs `write` on a new file and removes what is left of the file afterwards, whether it succeeded or not. */
  async use<T>(write: (file: FileHandle, path: string) => Promise<T>): Promise<T> {
    const path = join(this.#path, randomUUID());
    const file = await this.#asStoreError(() => this.#create(path));
    try {
      return await write(file, path);
    } finally {
      await this.#asStoreError(() => this.#remove(file, path));
    }
  }

  async #create(path: string): Promise<FileHandle> {
    if (!this.#swept) await this.#sweepAbandoned();
    this.#swept = true;
    for (let count = 0; count < tries; count += 1) {
      const file = await unless(['ENOENT'], open(path, 'wx'));
      if (file !== undefined) return file;
      for (const parent of await this.#root.makeFolder(this.#root.path, temporaryFolder))
        await syncDirectory(parent);
      try {
        await mkdir(this.#path, { mode: 0o700 });
      } catch (error) {
        if (errorCode(error) !== 'EEXIST') throw error;
      }
    }
    throw contended(this.#root.location, temporaryFolder);
  }

  async #remove(file: FileHandle, path: string): Promise<void> {
    await file.close();
    // Not there when it was put in its place.
    await unless(['ENOENT'], unlink(path));
    await unless(['ENOTEMPTY', 'EEXIST', 'ENOENT'], rmdir(this.#path));
  }

  /** By ctime, which no tool can set: a file's mtime is set to the object's own before it is put in its place. */
  async #sweepAbandoned(): Promise<void> {
    const before = Date.now() - abandonedAfterHours * 3_600_000;
    for (const name of (await unless(['ENOENT'], readdir(this.#path))) ?? []) {
      const path = join(this.#path, name);
      const stats = await unless(['ENOENT'], lstat(path));
      if (stats !== undefined && stats.ctimeMs < before) await unless(['ENOENT'], unlink(path));
    }
  }

  #asStoreError<T>(calls: () => Promise<T>): Promise<T> {
    return asStoreError(this.#root.location, temporaryFolder, calls);
  }
}
