import { randomBytes } from 'node:crypto';
import { lchown, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { systemErrorCode } from '../errors.ts';
import type { OsAccount } from '../support/os-account.ts';
import { isPidInUse } from '../support/processes.ts';
import { runOrThrow } from '../support/run-command.ts';

/** What a running server writes into `postmaster.pid` in its data folder (`pidfile.h` of PostgreSQL). */
export interface PostmasterFile {
  readonly pid: number;
  readonly dataDir: string;
  /** Absent while the server is only starting. */
  readonly port: number | undefined;
}

/** Reads `postmaster.pid`: undefined when there is none, or when it is being written. A server that crashed leaves its file behind. */
export async function readPostmasterFile(dataDir: string): Promise<PostmasterFile | undefined> {
  let text: string;
  try {
    text = await readFile(join(dataDir, 'postmaster.pid'), 'utf8');
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
  const [pid, folder, , port] = text.split('\n');
  if (!pid || !folder) return undefined;
  return { pid: Number(pid), dataDir: folder, port: port ? Number(port) : undefined };
}

/**
 * Marks the file of a crashed server as a dead one's, where the process number in it is in use again (or is a zombie's):
 * PostgreSQL would take that for a running server and refuse to start. A number that is free it handles by itself.
 *
 * The other lines stay: PostgreSQL reads from them whether a worker of the crashed server still uses its shared memory,
 * so removing the file would give up the one protection against two servers writing in the same folder.
 *
 * @param pid The number found in the file; a file that has another one by now belongs to a server that has just started, and stays.
 */
export async function disownPostmasterFile(
  dataDir: string,
  pid: number,
  account: OsAccount | undefined,
): Promise<void> {
  if (!isPidInUse(pid)) return;
  const file = join(dataDir, 'postmaster.pid');
  const deadPid = (await runOrThrow('/bin/sh', ['-c', 'echo $$'])).trim();
  const text = (await readFile(file, 'utf8')).replace(/^\d+/, deadPid);
  const renewed = `${file}.${randomBytes(4).toString('hex')}`;
  // `wx`: as root, never write through a link that somebody may have put there.
  await writeFile(renewed, text, { mode: 0o600, flag: 'wx' });
  if (account) await lchown(renewed, account.uid, account.gid);
  if ((await readPostmasterFile(dataDir))?.pid === pid) await rename(renewed, file);
  else await rm(renewed);
}
