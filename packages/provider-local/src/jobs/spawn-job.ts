import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { open } from 'node:fs/promises';
import type { JobKind } from '@lcb/core';
import { jobLost, jobNotStarted } from './job-error.ts';
import type { JobFolder } from './job-folder.ts';
import { endGroup } from './process-group.ts';
import { processIdentity } from './process-identity.ts';

export interface JobCommand {
  /** Program and its first arguments; the kind and the job's folder are appended. */
  readonly command: readonly [string, ...string[]];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** What a stopped job gets to tidy up. */
  readonly graceSeconds: number;
}

/**
 * Starts the process of a job whose folder was just made, and names it as the owner. A program that can't be started
 * becomes the outcome of the job: a second try under this name would find the same.
 */
export async function spawnJob(
  folder: JobFolder,
  kind: JobKind,
  { command, env, graceSeconds }: JobCommand,
): Promise<void> {
  let pid: number;
  try {
    pid = await spawnDetached(folder, [...command, kind, folder.path], env);
  } catch (error) {
    await folder.settle(jobNotStarted(folder.name, command[0], error).toRecord());
    return;
  }
  const child = await processIdentity(pid);
  if (child === undefined) {
    // Over already. If it did anything, it made itself the owner first, and this changes nothing.
    await folder.settle(jobLost(folder.name, folder.log).toRecord());
    return;
  }
  const owner = await folder.claim({ state: 'process', ...child });
  // Stopped before it began.
  if (owner.state === 'settled') await endGroup(child, graceSeconds);
}

/** In a session of its own, with nothing inherited but the environment: it outlives this process and its terminal. */
async function spawnDetached(
  folder: JobFolder,
  [program = '', ...args]: readonly string[],
  env: JobCommand['env'],
): Promise<number> {
  const log = await open(folder.log, 'a', 0o600);
  try {
    const child = spawn(program, args, { detached: true, stdio: ['ignore', log.fd, log.fd], env });
    await once(child, 'spawn');
    child.unref();
    if (child.pid === undefined) throw new Error('it got no process id');
    return child.pid;
  } finally {
    await log.close();
  }
}
