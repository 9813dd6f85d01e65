import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { DifferenceLog } from '../difference-log.ts';
import { mergeSorted } from '../merge.ts';
import { compareFiles } from './compare-files.ts';
import { compareKeys, listFiles } from './list-files.ts';

const FILES_AT_ONCE = 16;

export interface LibraryFigures {
  objects: number;
  bytes: number;
}

/** Compares keys, sizes, bytes and modification times of two document libraries. */
export async function compareLibraries(
  folderA: string,
  folderB: string,
  log: DifferenceLog,
): Promise<{ a: LibraryFigures; b: LibraryFigures }> {
  const figures = { a: { objects: 0, bytes: 0 }, b: { objects: 0, bytes: 0 } };
  let batch: string[] = [];
  const compareBatch = async () => {
    const sizes = await Promise.all(batch.map((key) => compareFiles(folderA, folderB, key, log)));
    for (const { a, b } of sizes) {
      count(figures.a, a);
      count(figures.b, b);
    }
    batch = [];
  };
  for await (const pair of mergeSorted(listFiles(folderA), listFiles(folderB), compareKeys)) {
    if (pair.in === 'a') {
      count(figures.a, await sizeOf(folderA, pair.a));
      log.add('object missing', pair.a, 'missing in b');
    } else if (pair.in === 'b') {
      count(figures.b, await sizeOf(folderB, pair.b));
      log.add('object added', pair.b, 'only in b');
    } else if (batch.push(pair.a) >= FILES_AT_ONCE) await compareBatch();
  }
  await compareBatch();
  return figures;
}

function count(figures: LibraryFigures, bytes: number): void {
  figures.objects += 1;
  figures.bytes += bytes;
}

async function sizeOf(folder: string, key: string): Promise<number> {
  const { size } = await stat(join(folder, key));
  return size;
}
