import type { DifferenceLog } from '../difference-log.ts';
import { mergeSorted } from '../merge.ts';
import { compareFiles } from './compare-files.ts';
import type { Library } from './library.ts';
import { compareKeys } from './list-files.ts';

const FILES_AT_ONCE = 16;

export interface LibraryFigures {
  objects: number;
  bytes: number;
}

/** Compares keys, sizes, bytes, descriptions and modification times of two document libraries. */
export async function compareLibraries(
  a: Library,
  b: Library,
  log: DifferenceLog,
): Promise<{ a: LibraryFigures; b: LibraryFigures }> {
  const figures = { a: { objects: 0, bytes: 0 }, b: { objects: 0, bytes: 0 } };
  let batch: string[] = [];
  const compareBatch = async () => {
    const sizes = await Promise.all(batch.map((key) => compareFiles(a, b, key, log)));
    for (const size of sizes) {
      count(figures.a, size.a);
      count(figures.b, size.b);
    }
    batch = [];
  };
  for await (const pair of mergeSorted(a.keys(), b.keys(), compareKeys)) {
    if (pair.in === 'a') {
      count(figures.a, await a.sizeOf(pair.a));
      log.add('object missing', pair.a, 'missing in b');
    } else if (pair.in === 'b') {
      count(figures.b, await b.sizeOf(pair.b));
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
