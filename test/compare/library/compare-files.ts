import type { DifferenceLog } from '../difference-log.ts';
import type { Library } from './library.ts';

export interface FileSizes {
  readonly a: number;
  readonly b: number;
}

/** Compares size, bytes, description and modification time (to the millisecond) of one key on both sides. */
export async function compareFiles(
  a: Library,
  b: Library,
  key: string,
  log: DifferenceLog,
): Promise<FileSizes> {
  const [fileA, fileB] = await Promise.all([a.read(key), b.read(key)]);
  if (fileA.size !== fileB.size) log.add('object size', key, `bytes a: ${fileA.size} | b: ${fileB.size}`);
  else if (fileA.sha256 !== fileB.sha256)
    log.add('object content', key, `sha256 a: ${fileA.sha256} | b: ${fileB.sha256}`);
  // A bucket sets times itself; only two folders can have the same.
  if (fileA.mtimeMilliseconds !== undefined && fileB.mtimeMilliseconds !== undefined) {
    if (fileA.mtimeMilliseconds !== fileB.mtimeMilliseconds)
      log.add(
        'object mtime',
        key,
        `a: ${isoTime(fileA.mtimeMilliseconds)} | b: ${isoTime(fileB.mtimeMilliseconds)}`,
      );
  }
  // A folder has no description; only two buckets can have the same.
  if (fileA.description !== undefined && fileB.description !== undefined) {
    if (fileA.description !== fileB.description)
      log.add('object description', key, `a: ${fileA.description} | b: ${fileB.description}`);
  }
  return { a: fileA.size, b: fileB.size };
}

function isoTime(milliseconds: bigint): string {
  return new Date(Number(milliseconds)).toISOString();
}
