import { randomBytes } from 'node:crypto';
import { chown, mkdir, readdir, readFile, realpath, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { EmbeddedPostgresError, systemErrorCode } from '../errors.ts';
import { folderClosedTo } from '../support/folder-access.ts';
import type { OsAccount } from '../support/os-account.ts';
import { isPidInUse } from '../support/processes.ts';
import { lastLines, runCommand } from '../support/run-command.ts';
import { SUPERUSER } from './connection.ts';

/** Holds the superuser's password, beside the server's own files, readable by its owner alone. */
const PASSWORD_FILE = 'superuser-password';
/** The first that the machine has. Older systems lack the first one. */
const LOCALES = ['C.UTF-8', 'C'];

/** The major of PostgreSQL that made a data folder; undefined when there is no data folder. */
export async function dataFolderMajor(dataDir: string): Promise<number | undefined> {
  const text = await readIfThere(join(dataDir, 'PG_VERSION'));
  return text === undefined ? undefined : Number(text.trim());
}

/**
 * The superuser's password of a data folder.
 *
 * @throws EmbeddedPostgresError `postgres.dataFolderUnusable` when the file is gone.
 */
export async function readPassword(dataDir: string): Promise<string> {
  const password = await readIfThere(join(dataDir, PASSWORD_FILE));
  if (password) return password.trim();
  throw new EmbeddedPostgresError(
    'postgres.dataFolderUnusable',
    `${dataDir} has no file ${PASSWORD_FILE}, so nobody can log in: it was made by something else, or the file was removed. Put the password of "${SUPERUSER}" there, or name another folder.`,
  );
}

/**
 * Makes sure that `dataDir` is a complete data folder: UTF-8, password logins only.
 * It is made under another name and renamed when complete, so that a crash leaves nothing half-done in its place;
 * when two processes make it at the same time, both use the first one's.
 *
 * @throws EmbeddedPostgresError `postgres.dataFolderUnusable` when it holds something else, or the server's account can't enter it.
 */
export async function ensureDataFolder(
  dataDir: string,
  serverHome: string,
  account: OsAccount | undefined,
): Promise<void> {
  await mkdir(dirname(dataDir), { recursive: true });
  await assertReachable(dirname(dataDir), account);
  if ((await dataFolderMajor(dataDir)) !== undefined) return;
  await assertEmpty(dataDir);
  await removeAbandoned(dataDir);

  const partial = `${dataDir}.init-${process.pid}-${randomBytes(4).toString('hex')}`;
  try {
    await initialise(partial, serverHome, account);
    await rename(join(partial, 'data'), dataDir);
  } catch (error) {
    const othersWon = ['ENOTEMPTY', 'EEXIST'].includes(systemErrorCode(error) ?? '');
    if (!othersWon || (await dataFolderMajor(dataDir)) === undefined) throw error;
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
}

async function initialise(
  partial: string,
  serverHome: string,
  account: OsAccount | undefined,
): Promise<void> {
  await mkdir(partial, { mode: 0o700 });
  const password = join(partial, 'password');
  await writeFile(password, `${randomBytes(24).toString('hex')}\n`, { mode: 0o600 });
  if (account) {
    // The folder last: from then on the account may change what is in it.
    await chown(password, account.uid, account.gid);
    await chown(partial, account.uid, account.gid);
  }
  const data = join(partial, 'data');
  await runInitdb(serverHome, data, password, account);
  await rename(password, join(data, PASSWORD_FILE));
}

async function runInitdb(
  serverHome: string,
  data: string,
  password: string,
  account: OsAccount | undefined,
): Promise<void> {
  let output = '';
  for (const locale of LOCALES) {
    const args = ['-D', data, '-U', SUPERUSER, '--pwfile', password, '--auth=scram-sha-256'];
    const result = await runCommand(
      join(serverHome, 'bin', 'initdb'),
      [...args, '--encoding=UTF8', `--locale=${locale}`],
      { account, env: serverEnvironment() },
    );
    if (result.exitCode === 0) return;
    output = result.output;
    if (!output.includes('invalid locale')) break;
  }
  throw new EmbeddedPostgresError(
    'postgres.dataFolderUnusable',
    `initdb could not make ${data}:\n${lastLines(output)}`,
  );
}

/** What PostgreSQL's programs are given: none of the caller's PG… settings, messages in English. */
export function serverEnvironment(): NodeJS.ProcessEnv {
  return { PATH: process.env.PATH, LC_ALL: 'C', ...(process.env.TZ && { TZ: process.env.TZ }) };
}

async function assertReachable(parent: string, account: OsAccount | undefined): Promise<void> {
  const closed = account && (await folderClosedTo(account, await realpath(parent)));
  if (!closed) return;
  throw new EmbeddedPostgresError(
    'postgres.dataFolderUnusable',
    `PostgreSQL refuses to run as root, so it runs as ${account.name}, who can't enter ${closed}. ` +
      `Name a data folder elsewhere, such as /var/lib/liferay-cloud-backup, run this as another user than root, or allow it: chmod a+x ${closed}`,
  );
}

async function assertEmpty(dataDir: string): Promise<void> {
  try {
    if ((await readdir(dataDir)).length === 0) return;
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return;
    throw error;
  }
  // A process that is faster than this one may have finished between the two looks.
  if ((await dataFolderMajor(dataDir)) !== undefined) return;
  throw new EmbeddedPostgresError(
    'postgres.dataFolderUnusable',
    `${dataDir} is not empty and no data folder of PostgreSQL. Name another folder, or empty it.`,
  );
}

/** Removes what killed processes left behind. */
async function removeAbandoned(dataDir: string): Promise<void> {
  const prefix = `${basename(dataDir)}.init-`;
  for (const name of await readdir(dirname(dataDir))) {
    if (!name.startsWith(prefix)) continue;
    if (isPidInUse(Number.parseInt(name.slice(prefix.length), 10))) continue;
    await rm(join(dirname(dataDir), name), { recursive: true, force: true });
  }
}

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}
