import { errorRecord, InvalidRequestError, type JobKind, type Json, jobKinds, LcbError } from '@lcb/core';
import { z } from 'zod';
import { jobStopped } from './job-error.ts';
import { JobFolder, type JobProgress } from './job-folder.ts';
import { processIdentity } from './process-identity.ts';
import { ProgressFile } from './progress-file.ts';

export interface JobContext {
  /** Fires when the job is stopped: tidy up and throw. */
  readonly signal: AbortSignal;
  /** Bytes so far. Cheap: written down once a second at most. */
  readonly onProgress: (progress: JobProgress) => void;
}

export type JobHandler = (input: Json, context: JobContext) => Promise<Json>;

const argumentsSchema = z.tuple([z.enum(jobKinds), z.string().min(1)]);

/**
 * The job's own side of `childProcessJobs`: the main program of the process that is started for it. Makes this process
 * the job's owner, or does nothing when the job was given up before; runs the handler; writes down what became of it.
 * @param argv the last two arguments of the command line: kind and folder
 * @returns the exit code; call `process.exit` with it, for whatever a handler left open must not keep a finished job alive
 */
export async function runJob(
  argv: readonly string[],
  handlers: Record<JobKind, JobHandler>,
): Promise<number> {
  const parsed = argumentsSchema.safeParse(argv);
  if (!parsed.success) throw new InvalidRequestError('A job is given its kind and its folder as arguments.');
  const [kind, path] = parsed.data;
  const folder = new JobFolder(path);
  if (!(await ownsJob(folder))) {
    console.error(`Job ${folder.name} was given up before process ${process.pid} began; nothing is done.`);
    return 0;
  }
  const abort = new AbortController();
  process.on('SIGTERM', () => abort.abort(jobStopped(folder.name)));
  const progress = new ProgressFile(folder.progressFile);
  try {
    const input = await folder.input();
    if (input === undefined)
      throw new LcbError({ code: 'job.noInput', message: `${path} holds no input.json.` });
    const context: JobContext = { signal: abort.signal, onProgress: (report) => progress.report(report) };
    const result = await Promise.race([handlers[kind](input, context), uncaught()]);
    progress.close();
    await folder.succeed(result);
    return 0;
  } catch (error) {
    console.error(error);
    await folder.fail(errorRecord(abort.signal.aborted ? abort.signal.reason : error));
    return 1;
  }
}

async function ownsJob(folder: JobFolder): Promise<boolean> {
  const own = await processIdentity(process.pid);
  if (own === undefined) return false;
  // The starter may have named this process before it came to do so itself.
  const owner = await folder.claim({ state: 'process', ...own });
  return owner.state === 'process' && owner.pid === own.pid && owner.start === own.start;
}

/** An error that nobody awaited ends the job like one that the handler threw, instead of leaving it lost. */
function uncaught(): Promise<never> {
  return new Promise((_, reject) => {
    process.on('uncaughtException', reject);
  });
}
