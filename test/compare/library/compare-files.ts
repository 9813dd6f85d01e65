import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import type { DifferenceLog } from '../difference-log.ts';

const CHUNK_BYTES = 1024 * 1024;

export interface FileSizes {
  readonly a: number;
  readonly b: number;
}

interface File {
  readonly size: number;
  readonly mtimeMilliseconds: bigint;
  readonly sha256: string;
}

/** Compares size, bytes and modification time (to the millisecond) of one key on both sides. */
export async function compareFiles(
  folderA: string,
  folderB: string,
  key: string,
  log: DifferenceLog,
): Promise<FileSizes> {
  const [a, b] = await Promise.all([readFile(join(folderA, key)), readFile(join(folderB, key))]);
  if (a.size !== b.size) log.add('object size', key, `bytes a: ${a.size} | b: ${b.size}`);
  else if (a.sha256 !== b.sha256) log.add('object content', key, `sha256 a: ${a.sha256} | b: ${b.sha256}`);
  if (a.mtimeMilliseconds !== b.mtimeMilliseconds) {
    log.add('object mtime', key, `a: ${isoTime(a)} | b: ${isoTime(b)}`);
  }
  return { a: a.size, b: b.size };
}

async function readFile(path: string): Promise<File> {
  const handle = await open(path);
  try {
    const { size, mtimeNs } = await handle.stat({ bigint: true });
    return {
      size: Number(size),
      // Milliseconds are what is promised; below them, a time is cut off, as everywhere.
      mtimeMilliseconds: mtimeNs / 1_000_000n,
      sha256: await hashFile(handle, Number(size)),
    };
  } finally {
    await handle.close();
  }
}

async function hashFile(handle: FileHandle, size: number): Promise<string> {
  const hash = createHash('sha256');
  const buffer = Buffer.allocUnsafe(Math.min(size, CHUNK_BYTES));
  for (let left = size; left > 0; ) {
    const { bytesRead } = await handle.read(buffer);
    if (bytesRead === 0)
      throw new Error(`a file of ${size} bytes ended ${left} bytes early: somebody writes to it`);
    hash.update(buffer.subarray(0, bytesRead));
    left -= bytesRead;
  }
  return hash.digest('hex');
}

function isoTime({ mtimeMilliseconds }: File): string {
  return new Date(Number(mtimeMilliseconds)).toISOString();
}
