import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { unless } from '../files/error-code.ts';

/** Free for this user on the file system of a folder, which need not be there yet. */
export async function freeBytes(folder: string): Promise<number> {
  const found = await unless(['ENOENT'], statfs(folder));
  if (found !== undefined) return found.bavail * found.bsize;
  return freeBytes(dirname(folder));
}
