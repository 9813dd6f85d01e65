import { createHash } from 'node:crypto';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Library, ReadObject } from './library.ts';
import { listFiles } from './list-files.ts';

const CHUNK_BYTES = 1024 * 1024;

export function folderLibrary(folder: string): Library {
  return {
    keys: () => listFiles(folder),
    read: (key) => readFile(join(folder, key)),
    sizeOf: async (key) => (await stat(join(folder, key))).size,
  };
}

async function readFile(path: string): Promise<ReadObject> {
  const handle = await open(path);
  try {
    const { size, mtimeNs } = await handle.stat({ bigint: true });
    return {
      size: Number(size),
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
