import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { InvalidRequestError, type JobRunner, type JobStatus, LcbError } from '@lcb/core';
import { jobLost, jobNoRoom, jobStopped } from './job-error.ts';
import { JobFolder, type JobOwner } from './job-folder.ts';
import { endGroup } from './process-group.ts';
import { isAlive, type ProcessIdentity, processIdentity } from './process-identity.ts';
import { type JobCommand, spawnJob } from './spawn-job.ts';

export interface ChildProcessJobsOptions {
  /** Absolute, on this machine's own disk: a folder for each job is made in it, and stays. */
  readonly directory: string;
  /** A program that ends in `runJob`; it is given the job's kind and folder as its last arguments. */
  readonly command: JobCommand['command'];
  /** Of the jobs; this process's own by default. */
  readonly env?: JobCommand['env'];
  /** Seconds that a stopped job has to tidy up before it is killed. */
  readonly graceSeconds?: number;
}

/**
 * Jobs as processes of this machine, which outlive the one that started them. Whoever knows the directory may ask for a
 * job or stop it. When a job is lost, some program that it had started may live on: `stop` ends that too, so call it
 * before doing the same work under another name.
 */
export function childProcessJobs(options: ChildProcessJobsOptions): JobRunner {
  const { directory, command, env = process.env, graceSeconds = 10 } = options;
  const folderOf = (name: string): JobFolder => new JobFolder(join(directory, checkedName(name)));

  return {
    async start({ name, kind, input }) {
      const folder = folderOf(name);
      if ((await folder.starter()) !== undefined) return;
      try {
        await mkdir(directory, { recursive: true, mode: 0o700 });
        if (!(await folder.create(input, await ownIdentity()))) return;
        await spawnJob(folder, kind, { command, env, graceSeconds });
      } catch (error) {
        throw jobNoRoom(name, directory, error);
      }
    },

    async status(name) {
      return statusOf(folderOf(name));
    },

    async stop(name) {
      const folder = folderOf(name);
      if ((await folder.starter()) === undefined) return;
      const stopped = jobStopped(name).toRecord();
      const owner = await folder.settle(stopped);
      // Nobody's: a process that was just started finds that out before it does anything, and ends.
      if (owner.state === 'settled') return;
      await endGroup(owner, graceSeconds);
      if ((await folder.outcome()) === undefined) await folder.fail(stopped);
    },
  };
}

async function statusOf(folder: JobFolder): Promise<JobStatus> {
  const outcome = await folder.outcome();
  if (outcome !== undefined) return outcome;
  const owner = (await folder.owner()) ?? (await ownerOfUnowned(folder));
  if (owner === 'notFound') return { state: 'notFound' };
  if (owner === 'starting') return { state: 'running' };
  if (owner.state === 'settled') return { state: 'failed', error: owner.error };
  if (await isAlive(owner)) return { state: 'running', ...(await folder.progress()) };
  // It may have ended well between the first look and the last.
  return (await folder.outcome()) ?? { state: 'failed', error: jobLost(folder.name, folder.log).toRecord() };
}

/** A job without owner is about to begin as long as its starter lives; after that it is given up, once and for all. */
async function ownerOfUnowned(folder: JobFolder): Promise<JobOwner | 'notFound' | 'starting'> {
  const starter = await folder.starter();
  if (starter === undefined) return 'notFound';
  if (await isAlive(starter)) return 'starting';
  return folder.settle(jobLost(folder.name, folder.log).toRecord());
}

async function ownIdentity(): Promise<ProcessIdentity> {
  const own = await processIdentity(process.pid);
  if (own !== undefined) return own;
  throw new LcbError({
    code: 'job.noProcessTable',
    message:
      'This process does not find itself in the process table. Jobs need /proc on Linux, and ps elsewhere.',
  });
}

function checkedName(name: string): string {
  if (/^[a-z0-9-]{1,100}$/.test(name)) return name;
  throw new InvalidRequestError(
    `${JSON.stringify(name)} can't name a job: use 1 to 100 characters of a-z, 0-9 and -.`,
  );
}
