import { randomUUID } from 'node:crypto';
import { link, open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { errorCode } from './error-code.ts';
import { syncDirectory } from './sync-directory.ts';

/** Writes a small file whole or not at all, over whatever was there, and durably. `mode` as for chmod(2). */
export async function replaceFile(path: string, content: string, mode: number): Promise<void> {
  const temporary = await writeBeside(path, content, mode);
  try {
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await syncDirectory(dirname(path));
}

/**
 * Writes a small file whole or not at all, only where there is none. Of any number of racing processes exactly one is
 * answered `true`, and nobody ever reads half of it.
 */
export async function createFile(path: string, content: string, mode: number): Promise<boolean> {
  const temporary = await writeBeside(path, content, mode);
  try {
    await link(temporary, path);
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(temporary, { force: true });
  }
  await syncDirectory(dirname(path));
  return true;
}

async function writeBeside(path: string, content: string, mode: number): Promise<string> {
  const temporary = join(dirname(path), `.${basename(path)}.${randomUUID()}`);
  const file = await open(temporary, 'wx', mode);
  try {
    await file.writeFile(content);
    await file.sync();
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  } finally {
    await file.close();
  }
  return temporary;
}
