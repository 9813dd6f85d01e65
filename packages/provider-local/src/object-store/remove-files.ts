import { unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { mapOrdered, type ObjectRef } from '@lcb/core';
import { unless } from '../files/error-code.ts';
import { describeFile } from './open-file.ts';
import type { Root } from './root.ts';
import { asStoreError } from './store-error.ts';

const deletionsAhead = 16;

/** Removes files and the folders that become empty by it, up to the root. */
export async function removeFiles(
  root: Root,
  objects: AsyncIterable<ObjectRef> | Iterable<ObjectRef>,
): Promise<void> {
  const remove = (object: ObjectRef): Promise<void> =>
    asStoreError(root.location, object.key, () => removeFile(root, object));
  for await (const _ of mapOrdered(streamed(objects), deletionsAhead, remove));
}

async function removeFile(root: Root, { key, version }: ObjectRef): Promise<void> {
  const path = root.pathFor(key);
  // No object here has a version, so the one that is meant is not there; the file of that key is another.
  if (version !== undefined) return;
  if ((await describeFile(root, key)) === undefined) return;
  await unless(['ENOENT', 'ENOTDIR', 'EISDIR'], unlink(path));
  await root.prune(dirname(path));
}

async function* streamed<T>(items: AsyncIterable<T> | Iterable<T>): AsyncGenerator<T> {
  yield* items;
}
