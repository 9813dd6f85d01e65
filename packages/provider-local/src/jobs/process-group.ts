import { setTimeout as sleep } from 'node:timers/promises';
import { LcbError } from '@lcb/core';
import { errorCode } from '../files/error-code.ts';
import type { ProcessIdentity } from './process-identity.ts';
import { listProcesses } from './process-table.ts';

/** Milliseconds. The processes are not our children (any more), so the system tells nobody when they end. */
const pollInterval = 25;
/** Seconds in which the system removes a killed process, unless a dead disk holds it. */
const killSeconds = 10;

/**
 * Ends a process and everything that it started, and returns when all are gone: SIGTERM, and SIGKILL after the grace.
 * Does nothing to a group that only has the same number. @throws LcbError `job.stuck`
 * @param graceSeconds time to tidy up
 */
export async function endGroup(leader: ProcessIdentity, graceSeconds: number): Promise<void> {
  await signalGroup(leader, 'SIGTERM');
  if (await goneWithin(leader, graceSeconds)) return;
  await signalGroup(leader, 'SIGKILL');
  if (await goneWithin(leader, killSeconds)) return;
  throw new LcbError({
    code: 'job.stuck',
    message: `Process ${leader.pid} does not end, not even by SIGKILL: it waits for a disk or a network share. Look at that first.`,
    retryable: true,
  });
}

/**
 * Whether anybody of the group is alive. The system gives no pid to a new process while a group of that number exists:
 * somebody else at the leader's pid means that the group is gone.
 */
async function hasMembers(leader: ProcessIdentity): Promise<boolean> {
  const members = (await listProcesses()).filter(({ group }) => group === leader.pid);
  return (
    members.length > 0 && members.every(({ pid, start }) => pid !== leader.pid || start === leader.start)
  );
}

async function signalGroup(leader: ProcessIdentity, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  if (!(await hasMembers(leader))) return;
  try {
    process.kill(-leader.pid, signal);
  } catch (error) {
    // Gone since we looked.
    if (errorCode(error) !== 'ESRCH') throw error;
  }
}

async function goneWithin(leader: ProcessIdentity, seconds: number): Promise<boolean> {
  const deadline = performance.now() + seconds * 1000;
  while (await hasMembers(leader)) {
    if (performance.now() > deadline) return false;
    await sleep(pollInterval);
  }
  return true;
}
