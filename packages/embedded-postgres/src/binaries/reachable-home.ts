import { cp, lstat, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { EmbeddedPostgresError, systemErrorCode } from '../errors.ts';
import { fillOnce } from '../support/fill-once.ts';
import { folderClosedTo } from '../support/folder-access.ts';
import type { OsAccount } from '../support/os-account.ts';
import { runOrThrow } from '../support/run-command.ts';
import type { ServerBinaries } from './server-binaries.ts';

/** Everybody can enter it, and it outlives a restart. */
const SHARED_FOLDER = '/var/tmp';

/**
 * The binaries' home as `account` can use it: as it is, or, when it lies where that account can't go (a checkout below `/root`),
 * a copy that belongs to root, one per version.
 *
 * @throws EmbeddedPostgresError `postgres.binariesMissing` when somebody else put something in the copy's place.
 */
export async function reachableHome(
  binaries: ServerBinaries,
  account: OsAccount | undefined,
): Promise<string> {
  if (!account || !(await folderClosedTo(account, join(binaries.home, 'bin')))) return binaries.home;
  const copy = join(
    SHARED_FOLDER,
    `liferay-cloud-backup-postgres-${binaries.version}-${process.platform}-${process.arch}`,
  );
  await assertOwnedByRoot(copy);
  // Tidy-up jobs remove single old files from shared folders: what is not complete any more is copied anew.
  if (!(await sameFiles(binaries.home, copy))) await rm(copy, { recursive: true, force: true });
  await fillOnce(copy, async (partial) => {
    await cp(binaries.home, partial, { recursive: true, verbatimSymlinks: true });
    // Whatever root's umask took away.
    await runOrThrow('chmod', ['-R', 'a+rX,go-w', partial]);
  });
  await assertOwnedByRoot(copy);
  return copy;
}

/** The shared folder is open to everybody: trust only what root owns and nobody else can write. */
async function assertOwnedByRoot(copy: string): Promise<void> {
  try {
    const entry = await lstat(copy);
    if (entry.isDirectory() && entry.uid === 0 && (entry.mode & 0o022) === 0) return;
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return;
    throw error;
  }
  throw new EmbeddedPostgresError(
    'postgres.binariesMissing',
    `${copy} does not belong to root alone, so programs in it are not run. Find out who made it, and remove it.`,
  );
}

async function sameFiles(original: string, copy: string): Promise<boolean> {
  const [expected, found] = await Promise.all([listFiles(original), listFiles(copy)]);
  return expected.join('\n') === found.join('\n');
}

async function listFiles(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder, { recursive: true })).sort();
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return [];
    throw error;
  }
}
