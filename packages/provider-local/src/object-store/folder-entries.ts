import { isUtf8 } from 'node:buffer';
import type { Dirent } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { compareKeys, LcbError } from '@lcb/core';
import { temporaryFolder } from './refused-key.ts';
import type { Root } from './root.ts';
import { notAFile } from './store-error.ts';

/** What Node puts in the place of bytes that are not UTF-8; it may also stand in a name by right. */
const replacement = '\ufffd';
/** Up to here the order of UTF-16 units is the order of UTF-8 bytes. */
const beyondPlainOrder = /[\ud800-\uffff]/;

/**
 * Names in a folder, those of folders with a slash at the end, so that they sort as they do inside of keys: `a.txt`
 * comes before `a/`. Only names for which `wanted` answers true are looked at further.
 * @param folder key with a slash at its end, or empty for the root
 * @throws LcbError `objectStore.notAFile`, `objectStore.nameNotUtf8`; errors of the file system as they are
 */
export async function folderEntries(
  root: Root,
  folder: string,
  wanted: (entry: string) => boolean,
): Promise<string[]> {
  const path = `${root.path}/${folder}`;
  const found = await readdir(path, { withFileTypes: true });
  if (found.some(({ name }) => name.includes(replacement))) await refuseForeignNames(root, folder, path);
  const entries: string[] = [];
  for (const dirent of found) {
    if (folder === '' && dirent.name === temporaryFolder) continue;
    const entry = dirent.isDirectory() ? `${dirent.name}/` : dirent.name;
    if (!wanted(entry)) continue;
    if (!isFileOrFolder(dirent)) throw notAFile(root.location, folder + entry);
    entries.push(entry);
  }
  return entries.some((entry) => beyondPlainOrder.test(entry)) ? entries.sort(compareKeys) : entries.sort();
}

function isFileOrFolder(dirent: Dirent): boolean {
  return dirent.isFile() || dirent.isDirectory();
}

/** Such a name can't be told from another in a key, and would be restored as something else. */
async function refuseForeignNames(root: Root, folder: string, path: string): Promise<void> {
  for (const name of await readdir(path, { encoding: 'buffer' })) {
    if (isUtf8(name)) continue;
    throw new LcbError({
      code: 'objectStore.nameNotUtf8',
      message: `A file name in ${JSON.stringify(folder)} of ${root.location} is not UTF-8 (its bytes are ${name.toString('hex')}). Rename it, for example with convmv.`,
    });
  }
}
