import type { ErrorRecord } from '../errors/lcb-error.ts';
import type { Json } from '../model/values.ts';

export const jobKinds = ['dump', 'load', 'rows', 'scripts', 'import'] as const;
export type JobKind = (typeof jobKinds)[number];

/** Work too long for a step: one image (locally one program), one entry point, a kind and a name. */
export interface JobSpec {
  /** Derived from the run's id and attempt, so that a repeated start finds the first. At most 100 characters of [a-z0-9-]. */
  readonly name: string;
  readonly kind: JobKind;
  /** JSON; secrets by reference only. */
  readonly input: Json;
}

export type JobStatus =
  | { readonly state: 'notFound' }
  | { readonly state: 'running'; readonly processedBytes?: number; readonly expectedBytes?: number }
  | { readonly state: 'succeeded'; readonly result: Json }
  | { readonly state: 'failed'; readonly error: ErrorRecord };

/** Runs jobs outside of the workflow's process, so that they outlive it and it outlives them. */
export interface JobRunner {
  /** Starts the job, or does nothing if a job of this name was started before, whatever became of it. */
  start(job: JobSpec): Promise<void>;
  /** May be asked from any process. A job whose process is gone without a result has `failed`, retryable, `job.lost`. */
  status(name: string): Promise<JobStatus>;
  /** Ends the job and waits until it is gone. No error when it is not running. */
  stop(name: string): Promise<void>;
}
