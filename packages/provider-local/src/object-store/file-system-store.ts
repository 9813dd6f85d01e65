import {
  type HeadOptions,
  type LendOptions,
  type LentObject,
  type ListOptions,
  type ObjectInfo,
  ObjectNotFoundError,
  type ObjectRef,
  type ObjectStore,
  type OpenObject,
  type ReadOptions,
  type StoredObject,
  type WriteOptions,
} from '@lcb/core';
import { FileBody } from './file-body.ts';
import { freeBytes } from './free-bytes.ts';
import { LentFile } from './lent-file.ts';
import { listFiles } from './list-files.ts';
import { describeFile, type OpenedFile, openFile } from './open-file.ts';
import { probeRoot } from './probe-root.ts';
import { refusedKey } from './refused-key.ts';
import { removeFiles } from './remove-files.ts';
import { Root } from './root.ts';
import { asStoreError } from './store-error.ts';
import { TemporaryFiles } from './temporary-file.ts';
import { writeFile } from './write-file.ts';

/**
 * A folder as an object store: a key is the path of a file below it. Several processes may use one folder at once.
 *
 * - Only files count. An empty folder is nothing, a missing root is an empty store, and a symbolic link, special file or
 *   name that is not UTF-8 inside the root is an error that names it. The root itself may be a link.
 * - The top folder `.lcb-tmp` is the store's own: it holds files that are being written, and is in no listing. What a
 *   killed process left there is removed by a later writer, after a day.
 * - There are no versions: `version` never appears, and to ask for one finds nothing.
 * - Content type and metadata are not kept, for a file system has no place for them; the backup's index keeps them.
 *   Times are kept to the millisecond.
 * - `put` returns when the bytes are on the disk (fsync of the file, then of its folder). Deletions are not synced: what
 *   a power cut brings back is deleted again.
 * - Files are made with the process's umask, and belong to its user.
 * - Where a file system does not tell upper from lower case, or changes names (macOS, Windows shares), two keys that
 *   differ only in that are one file. Nobody can see that from a key, so {@link ObjectStore.refuses} does not either.
 *
 * @param location `file:///absolute/path` @throws InvalidRequestError for any other
 */
export function fileSystemStore(location: string): ObjectStore {
  return new FileSystemStore(location);
}

class FileSystemStore implements ObjectStore {
  readonly location: string;
  readonly #root: Root;
  readonly #temporary: TemporaryFiles;

  constructor(location: string) {
    this.location = location;
    this.#root = new Root(location);
    this.#temporary = new TemporaryFiles(this.#root);
  }

  probe(): Promise<void> {
    return probeRoot(this.#root);
  }

  list(options: ListOptions = {}): AsyncIterable<ObjectInfo> {
    return listFiles(this.#root, options);
  }

  async head(key: string, options: HeadOptions = {}): Promise<ObjectInfo | undefined> {
    const info = await asStoreError(this.location, key, () => describeFile(this.#root, key));
    return options.version === undefined ? info : undefined;
  }

  async get(key: string, options: ReadOptions = {}): Promise<OpenObject> {
    const { info, bytes } = await this.#open(key, options);
    return { info, body: new FileBody(bytes) };
  }

  async lend(key: string, options: LendOptions): Promise<LentObject> {
    const { info, bytes } = await this.#open(key, options);
    return { info, body: new LentFile(bytes) };
  }

  put(
    key: string,
    body: Uint8Array | AsyncIterable<Uint8Array>,
    options: WriteOptions = {},
  ): Promise<StoredObject> {
    return writeFile(this.#root, this.#temporary, key, body, options);
  }

  deleteMany(objects: AsyncIterable<ObjectRef> | Iterable<ObjectRef>): Promise<void> {
    return removeFiles(this.#root, objects);
  }

  freeBytes(): Promise<number> {
    return asStoreError(this.location, '', () => freeBytes(this.#root.path));
  }

  #open(key: string, options: ReadOptions): Promise<OpenedFile> {
    this.#root.pathFor(key);
    if (options.version !== undefined) throw new ObjectNotFoundError(this.location, key);
    return asStoreError(this.location, key, () => openFile(this.#root, key, options));
  }

  refuses(key: string, beside?: string): string | undefined {
    return refusedKey(this.#root.path, key, beside);
  }
}
