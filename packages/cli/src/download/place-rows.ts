import { createHash } from 'node:crypto';
import type { IndexRow } from '@lcb/core';

const libraryFolder = 'library';
export const escapedFolder = 'library-escaped';

/** A row of the index, and the file that it becomes. */
export interface PlacedRow {
  readonly row: IndexRow;
  readonly path: string;
  /** Its key can't be a path: `keys.jsonl` tells whose bytes the file has. */
  readonly escaped: boolean;
}

/**
 * Gives each object of a library a path: its key under `library/`, or, where no file can be called so, the hash of its key
 * under `library-escaped/`. Besides what the file system refuses, that is a key below another one (`a/b` beside `a`): one
 * name can't be both a file and a folder. Rows come in key order, so one stack of open prefixes knows all of those.
 */
export async function* placeRows(
  rows: AsyncIterable<IndexRow>,
  refuses: (path: string) => string | undefined,
): AsyncGenerator<PlacedRow> {
  const prefixes: string[] = [];
  for await (const row of rows) {
    const { key } = row;
    while (prefixes.length > 0 && !key.startsWith(prefixes.at(-1) ?? '')) prefixes.pop();
    const isBelowAFile = prefixes.some((prefix) => key.startsWith(`${prefix}/`));
    prefixes.push(key);
    const plain = `${libraryFolder}/${key}`;
    const escaped = isBelowAFile || refuses(plain) !== undefined;
    const hash = () => createHash('sha256').update(key).digest('hex');
    yield { row, path: escaped ? `${escapedFolder}/${hash()}` : plain, escaped };
  }
}
