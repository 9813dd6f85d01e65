import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * The keys of all files below a folder, sorted by `compareKeys`. Holds the names of one folder at each level.
 * Throws on anything that is neither a file nor a folder, because a document library has nothing else.
 */
export async function* listFiles(folder: string, prefix = ''): AsyncGenerator<string> {
  const entries = await readdir(join(folder, prefix), { withFileTypes: true });
  entries.sort((a, b) => compareText(a.name, b.name));
  for (const entry of entries) {
    const key = prefix === '' ? entry.name : `${prefix}/${entry.name}`;
    if (entry.isDirectory()) yield* listFiles(folder, key);
    else if (entry.isFile()) yield key;
    else throw new Error(`${join(folder, key)} is neither a file nor a folder`);
  }
}

/** The order of a walk through sorted folders: part by part, which is not the order of whole keys. */
export function compareKeys(a: string, b: string): number {
  if (a === b) return 0;
  const partsA = a.split('/');
  const partsB = b.split('/');
  for (const [index, part] of partsA.entries()) {
    const other = partsB[index];
    if (other === undefined) return 1;
    if (part !== other) return compareText(part, other);
  }
  return -1;
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
