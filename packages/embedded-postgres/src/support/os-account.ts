import { stat } from 'node:fs/promises';
import { EmbeddedPostgresError, systemErrorCode } from '../errors.ts';
import { runCommand } from './run-command.ts';

/** An account of the operating system, by number. */
export interface OsAccount {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/** Whether this process runs as root. PostgreSQL refuses to. */
export function runsAsRoot(): boolean {
  return process.getuid?.() === 0;
}

/**
 * The account that runs the server of a data folder: undefined when that is the current one, which it is for everybody but root.
 *
 * Root runs it as the folder's owner when there is a folder already, since PostgreSQL opens no other one's;
 * else as `postgres`, else as `nobody`.
 */
export async function serverAccount(dataDir?: string): Promise<OsAccount | undefined> {
  if (!runsAsRoot()) return undefined;
  return (
    (dataDir && (await ownerOf(dataDir))) || (await accountByName('postgres')) || (await requiredNobody())
  );
}

async function ownerOf(path: string): Promise<OsAccount | undefined> {
  try {
    const { uid, gid } = await stat(path);
    return uid === 0 ? undefined : { name: `user ${uid}`, uid, gid };
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

async function accountByName(name: string): Promise<OsAccount | undefined> {
  const [uid, gid] = await Promise.all([runCommand('id', ['-u', name]), runCommand('id', ['-g', name])]);
  if (uid.exitCode !== 0 || gid.exitCode !== 0) return undefined;
  return { name, uid: Number(uid.stdout), gid: Number(gid.stdout) };
}

async function requiredNobody(): Promise<OsAccount> {
  const nobody = await accountByName('nobody');
  if (nobody) return nobody;
  throw new EmbeddedPostgresError(
    'postgres.startFailed',
    'PostgreSQL refuses to run as root, and this machine has neither a user "postgres" nor "nobody". Create one: useradd --system postgres',
  );
}
