import { chmod, lstat, mkdir, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { systemErrorCode } from '../errors.ts';

const DAY = 24 * 60 * 60 * 1000;

/**
 * Makes sure that `folder` exists with all that `fill` puts in it, or not at all: it is filled under another name and renamed when complete.
 * Of several processes that do so at the same time the first one's work stays and the others' is thrown away.
 */
export async function fillOnce(folder: string, fill: (partial: string) => Promise<void>): Promise<void> {
  if (await isFolder(folder)) return;
  await mkdir(dirname(folder), { recursive: true });
  await removeAbandoned(folder);
  const partial = await mkdtemp(`${folder}.partial-`);
  // Open to other accounts, such as the one that runs the server for root. Made for this user alone until now.
  await chmod(partial, 0o755);
  try {
    await fill(partial);
    await rename(partial, folder);
  } catch (error) {
    const othersWon = ['ENOTEMPTY', 'EEXIST'].includes(systemErrorCode(error) ?? '');
    if (!othersWon || !(await isFolder(folder))) throw error;
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
}

/** Whether there is a folder of this name. */
async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return false;
    throw error;
  }
}

/**
 * Removes what killed processes of this user left behind. A day: no download takes longer.
 * Not what others put there under such a name: in a shared folder that would be a way to have root remove things.
 */
async function removeAbandoned(folder: string): Promise<void> {
  const siblings = await readdir(dirname(folder));
  for (const name of siblings.filter((name) => name.startsWith(`${basename(folder)}.partial-`))) {
    const path = join(dirname(folder), name);
    const { mtimeMs, uid } = await lstat(path);
    const isOwn = process.getuid?.() === uid;
    if (isOwn && Date.now() - mtimeMs > DAY) await rm(path, { recursive: true, force: true });
  }
}
