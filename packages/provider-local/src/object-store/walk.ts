import { compareKeys, type ListOptions, mapOrdered } from '@lcb/core';
import { unless } from '../files/error-code.ts';
import { folderEntries } from './folder-entries.ts';
import { refusedKey } from './refused-key.ts';
import type { Root } from './root.ts';

/** Folders of one level that are read before their turn: a library has a folder for each document. */
const foldersAhead = 8;

/** A file, or a folder with what is in it. */
interface Node {
  readonly key: string;
  readonly entries?: readonly string[];
}

/**
 * The keys of all files, sorted by their UTF-8 bytes. Begins in the folder of the prefix and reads no folder whose keys
 * all lie before `startAfter`. In memory are the names of the folders on the way to the current one, and of up to
 * {@link foldersAhead} next ones.
 */
export async function* walk(root: Root, { prefix = '', startAfter }: ListOptions): AsyncGenerator<string> {
  const first = prefix.slice(0, prefix.lastIndexOf('/') + 1);
  const mayHoldKeys = first === '' || refusedKey(root.path, first.slice(0, -1)) === undefined;
  if (!mayHoldKeys || !prefix.isWellFormed()) return;
  if (!(await root.holds(first === '' ? root.path : `${root.path}/${first.slice(0, -1)}`))) return;

  const isAfter = (key: string): boolean =>
    startAfter === undefined ||
    compareKeys(key, startAfter) > 0 ||
    (key.endsWith('/') && startAfter.startsWith(key));

  const visit = async (key: string): Promise<Node> => {
    if (!key.endsWith('/')) return { key };
    // Gone since its name was read: its objects were deleted while they were listed.
    return {
      key,
      entries:
        (await unless(
          ['ENOENT'],
          folderEntries(root, key, (name) => isAfter(key + name)),
        )) ?? [],
    };
  };
  const children = (folder: string, entries: readonly string[]): AsyncGenerator<Node> =>
    mapOrdered(inFolder(folder, entries), foldersAhead, visit);

  const wanted = (name: string): boolean => (first + name).startsWith(prefix) && isAfter(first + name);
  // A prefix such as `a/` where `a` is a file matches nothing; a root that is a file is an error.
  const nothing = first === '' ? ['ENOENT'] : ['ENOENT', 'ENOTDIR'];
  const open = [children(first, (await unless(nothing, folderEntries(root, first, wanted))) ?? [])];
  try {
    for (let at = open.at(-1); at !== undefined; at = open.at(-1)) {
      const next = await at.next();
      if (next.done) open.pop();
      else if (next.value.entries === undefined) yield next.value.key;
      else open.push(children(next.value.key, next.value.entries));
    }
  } finally {
    for (const level of open) await level.return(undefined);
  }
}

async function* inFolder(folder: string, entries: readonly string[]): AsyncGenerator<string> {
  for (const name of entries) yield folder + name;
}
