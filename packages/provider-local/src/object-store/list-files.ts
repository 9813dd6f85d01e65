import { lstat } from 'node:fs/promises';
import { type ListOptions, mapOrdered, type ObjectInfo } from '@lcb/core';
import { unless } from '../files/error-code.ts';
import { fileInfo } from './file-info.ts';
import type { Root } from './root.ts';
import { changedWhileRead, notAFile, storeError } from './store-error.ts';
import { walk } from './walk.ts';

/** Files whose description is asked for before their turn. Each is one short call; on a network share it is a round trip. */
const filesAhead = 64;

/** Every file as an object, sorted. A file that is deleted while the listing goes on may or may not be in it. */
export async function* listFiles(root: Root, options: ListOptions): AsyncGenerator<ObjectInfo> {
  try {
    for await (const info of mapOrdered(walk(root, options), filesAhead, (key) => describe(root, key))) {
      if (info !== undefined) yield info;
    }
  } catch (error) {
    throw storeError(root.location, options.prefix ?? '', error);
  }
}

async function describe(root: Root, key: string): Promise<ObjectInfo | undefined> {
  const stats = await unless(['ENOENT'], lstat(`${root.path}/${key}`, { bigint: true }));
  if (stats === undefined) return undefined;
  if (stats.isFile()) return fileInfo(key, stats);
  throw stats.isDirectory() ? changedWhileRead(root.location, key) : notAFile(root.location, key);
}
