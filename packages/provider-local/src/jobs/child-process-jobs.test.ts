import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { mkdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { InvalidRequestError, type JobRunner, type JobStatus } from '@lcb/core';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { runScript } from '../testing/run-script.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import { childProcessJobs } from './child-process-jobs.ts';
import { JobFolder } from './job-folder.ts';
import { endGroup } from './process-group.ts';
import { isAlive, processIdentity } from './process-identity.ts';

const name = 'retail-prd-backup-20251109-143000-1';
const program = fileURLToPath(new URL('../testing/job-program.ts', import.meta.url));
const starter = new URL('../testing/start-job.ts', import.meta.url);

interface Jobs {
  readonly directory: string;
  readonly journal: string;
  readonly jobs: JobRunner;
  readonly start: (what: string) => Promise<void>;
  readonly folder: JobFolder;
}

async function openJobs(
  options: { command?: [string, ...string[]]; graceSeconds?: number } = {},
): Promise<Jobs> {
  const base = await temporaryFolder();
  const [directory, journal] = [join(base, 'jobs'), join(base, 'journal')];
  const jobs = childProcessJobs({ directory, command: [process.execPath, program], ...options });
  onTestFinished(() => jobs.stop(name));
  const start = (what: string): Promise<void> =>
    jobs.start({ name, kind: 'dump', input: { do: what, journal } });
  return { directory, journal, jobs, start, folder: new JobFolder(join(directory, name)) };
}

/** Processes that began the work, by pid. */
async function begun(journal: string): Promise<number[]> {
  return (await readFile(journal, 'utf8').catch(() => '')).split('\n').filter(Boolean).map(Number);
}

async function until(jobs: JobRunner, state: JobStatus['state']): Promise<JobStatus> {
  return vi.waitFor(
    async () => {
      const status = await jobs.status(name);
      expect(status.state).toBe(state);
      return status;
    },
    { timeout: 15_000, interval: 20 },
  );
}

async function untilBegun(journal: string): Promise<number> {
  return vi.waitFor(
    async () => {
      const [pid] = await begun(journal);
      if (pid === undefined) throw new Error('not yet');
      return pid;
    },
    { timeout: 15_000, interval: 20 },
  );
}

describe('a job', () => {
  it('runs in a process of its own and leaves its result', async () => {
    const { jobs, start, folder, journal } = await openJobs();
    expect(await jobs.status(name)).toEqual({ state: 'notFound' });
    await start('answer');
    expect(await until(jobs, 'succeeded')).toEqual({ state: 'succeeded', result: { answer: 42 } });
    expect(await begun(journal)).not.toContain(process.pid);
    expect(await folder.progress()).toEqual({ processedBytes: 5, expectedBytes: 10 });
    expect((await stat(join(folder.path, 'input.json'))).mode & 0o777).toBe(0o600);
    expect((await stat(folder.path)).mode & 0o777).toBe(0o700);
    await jobs.stop(name);
    expect((await jobs.status(name)).state).toBe('succeeded');
  });

  it('tells its error as data', async () => {
    const { jobs, start } = await openJobs();
    await start('fail');
    expect(await until(jobs, 'failed')).toEqual({
      state: 'failed',
      error: { code: 'test.failed', message: 'It failed as told.', retryable: true },
    });
  });

  it('shows its progress while it runs', async () => {
    const { jobs, start } = await openJobs();
    await start('wait');
    await vi.waitFor(
      async () =>
        expect(await jobs.status(name)).toEqual({ state: 'running', processedBytes: 5, expectedBytes: 10 }),
      { timeout: 15_000 },
    );
  });

  it('that has its result is over, whatever it left open', async () => {
    const { jobs, start, journal } = await openJobs();
    await start('leaveOpen');
    expect(await until(jobs, 'succeeded')).toEqual({ state: 'succeeded', result: 'done' });
    const pid = await untilBegun(journal);
    await vi.waitFor(async () => expect(await processIdentity(pid)).toBeUndefined(), { timeout: 15_000 });
  });

  it('fails by an error that nobody awaited', async () => {
    const { jobs, start } = await openJobs();
    await start('throwUnawaited');
    expect(await until(jobs, 'failed')).toMatchObject({
      error: { code: 'internal', message: 'nobody waits for this' },
    });
  });

  it('is lost, to be tried again, when it is killed', async () => {
    const { jobs, start, folder } = await openJobs();
    await start('die');
    expect(await until(jobs, 'failed')).toMatchObject({
      error: { code: 'job.lost', retryable: true, message: expect.stringContaining(folder.log) },
    });
    await start('answer');
    expect((await jobs.status(name)).state).toBe('failed');
  });

  it('that can’t be started says so, once and for all', async () => {
    const { jobs, start } = await openJobs({ command: ['/no/such/program'] });
    await start('answer');
    const failed = { state: 'failed', error: { code: 'job.notStarted', retryable: false } };
    expect(await jobs.status(name)).toMatchObject(failed);
    await start('answer');
    expect(await jobs.status(name)).toMatchObject(failed);
  });

  it('whose program ends before it does anything is lost', async () => {
    const { jobs, start } = await openJobs({ command: ['true'] });
    await start('answer');
    expect(await until(jobs, 'failed')).toMatchObject({ error: { code: 'job.lost' } });
  });

  it.each(['', '../up', 'UPPER', 'a/b', 'x'.repeat(101)])('has no name like %j', async (bad) => {
    const { jobs } = await openJobs();
    await expect(jobs.start({ name: bad, kind: 'dump', input: {} })).rejects.toBeInstanceOf(
      InvalidRequestError,
    );
    await expect(jobs.status(bad)).rejects.toBeInstanceOf(InvalidRequestError);
  });
});

describe('starting a job', () => {
  it('many times at once, from many processes, runs it once', async () => {
    const { directory, jobs, journal, start } = await openJobs();
    const input = JSON.stringify({ do: 'answer', journal });
    await Promise.all([
      ...Array.from({ length: 5 }, () =>
        runScript(starter, [directory, name, input, 'never', process.execPath, program]),
      ),
      ...Array.from({ length: 5 }, () => start('answer')),
    ]);
    await until(jobs, 'succeeded');
    expect(await begun(journal)).toHaveLength(1);
    expect(readdirSync(directory).sort()).toEqual(['.starting', name]);
    expect(readdirSync(join(directory, '.starting'))).toEqual([]);
  });

  it('outlives the process that started it and was killed', async () => {
    const { directory, jobs, journal } = await openJobs();
    const input = JSON.stringify({ do: 'wait', journal });
    const end = await runScript(starter, [directory, name, input, 'afterStart', process.execPath, program]);
    expect(end.signal).toBe('SIGKILL');
    await untilBegun(journal);
    expect((await jobs.status(name)).state).toBe('running');
  });

  it('in a process that is killed before it spawns: lost, never started again under this name', async () => {
    const { directory, jobs, journal, start } = await openJobs();
    await mkdir(directory, { recursive: true });
    const input = JSON.stringify({ do: 'answer', journal });
    await runScript(starter, [directory, name, input, 'beforeSpawn']);
    await start('answer');
    expect(await jobs.status(name)).toMatchObject({
      state: 'failed',
      error: { code: 'job.lost', retryable: true },
    });
    expect(await begun(journal)).toEqual([]);
  });

  it('in a process that is killed before it names the child: the child names itself, or comes too late', async () => {
    for (const asked of [false, true]) {
      const { directory, jobs, journal, folder } = await openJobs();
      await mkdir(directory, { recursive: true });
      await runScript(starter, [directory, name, JSON.stringify({ do: 'answer', journal }), 'beforeSpawn']);
      if (asked) expect(await jobs.status(name)).toMatchObject({ state: 'failed' });
      // The child, which the killed process had just spawned, begins now.
      await runScript(new URL('../testing/job-program.ts', import.meta.url), ['dump', folder.path]);
      expect(await begun(journal)).toHaveLength(asked ? 0 : 1);
      expect((await jobs.status(name)).state).toBe(asked ? 'failed' : 'succeeded');
    }
  });

  it('is about to begin while its starter lives', async () => {
    const { directory, jobs, folder } = await openJobs();
    await mkdir(directory, { recursive: true });
    const own = await processIdentity(process.pid);
    expect(own !== undefined && (await folder.create({}, own))).toBe(true);
    expect(await jobs.status(name)).toEqual({ state: 'running' });
    await jobs.stop(name);
    expect(await jobs.status(name)).toMatchObject({ state: 'failed', error: { code: 'job.stopped' } });
  });
});

describe('stopping a job', () => {
  it('lets it tidy up, and says that it was stopped', async () => {
    const { jobs, start, journal } = await openJobs();
    await start('wait');
    const pid = await untilBegun(journal);
    await jobs.stop(name);
    expect(await processIdentity(pid)).toBeUndefined();
    expect(await jobs.status(name)).toMatchObject({
      state: 'failed',
      error: { code: 'job.stopped', retryable: false },
    });
    await jobs.stop(name);
  });

  it('ends one that does not listen, after its time', async () => {
    const { jobs, start, journal } = await openJobs({ graceSeconds: 0.1 });
    await start('ignoreStop');
    const pid = await untilBegun(journal);
    await jobs.stop(name);
    expect(await processIdentity(pid)).toBeUndefined();
    expect(await jobs.status(name)).toMatchObject({ state: 'failed', error: { code: 'job.stopped' } });
  });

  it('ends what the job started too, also when the job itself was killed', async () => {
    for (const killed of [false, true]) {
      const { jobs, start, journal } = await openJobs({ graceSeconds: 0.1 });
      await start('withChild');
      const pid = await untilBegun(journal);
      const child = Number(await vi.waitFor(() => readFile(`${journal}.child`, 'utf8'), { timeout: 15_000 }));
      if (killed) {
        process.kill(pid, 'SIGKILL');
        expect(await until(jobs, 'failed')).toMatchObject({ error: { code: 'job.lost' } });
        expect(await processIdentity(child)).toBeDefined();
      }
      await jobs.stop(name);
      expect(await processIdentity(child)).toBeUndefined();
    }
  });

  it('before it was named: it never begins', async () => {
    const { jobs, start, journal } = await openJobs();
    const starting = start('wait');
    await vi.waitFor(async () => expect((await jobs.status(name)).state).not.toBe('notFound'), {
      interval: 1,
    });
    await jobs.stop(name);
    await starting;
    expect(await jobs.status(name)).toMatchObject({ state: 'failed', error: { code: 'job.stopped' } });
    for (const pid of await begun(journal)) expect(await processIdentity(pid)).toBeUndefined();
  });

  it('does nothing to a stranger who got its pid', async () => {
    const { jobs, directory, folder } = await openJobs();
    await mkdir(directory, { recursive: true });
    const child = spawn('sleep', ['600'], { detached: true, stdio: 'ignore' });
    onTestFinished(() => void child.kill('SIGKILL'));
    const stranger = await processIdentity(child.pid ?? 0);
    if (stranger === undefined) throw new Error('The stranger does not live.');
    await folder.create({}, stranger);
    await folder.claim({ state: 'process', pid: stranger.pid, start: 'long ago' });
    expect(await jobs.status(name)).toMatchObject({ state: 'failed', error: { code: 'job.lost' } });
    await jobs.stop(name);
    expect(await isAlive(stranger)).toBe(true);
    await endGroup(stranger, 5);
    expect(await isAlive(stranger)).toBe(false);
  });

  it('that nobody started is no error', async () => {
    const { jobs } = await openJobs();
    await expect(jobs.stop(name)).resolves.toBeUndefined();
  });
});
