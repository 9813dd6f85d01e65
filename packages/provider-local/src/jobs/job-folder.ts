import { randomUUID } from 'node:crypto';
import { mkdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { type ErrorRecord, errorRecordSchema, type JobStatus, type Json, jsonSchema } from '@lcb/core';
import { z } from 'zod';
import { createFile, replaceFile } from '../files/atomic-file.ts';
import { unless } from '../files/error-code.ts';
import { readJsonFile } from '../files/json-file.ts';
import { syncDirectory } from '../files/sync-directory.ts';
import { type ProcessIdentity, processIdentitySchema } from './process-identity.ts';

const ownerOnly = 0o600;
const ownerOnlyFolder = 0o700;

const progressSchema = z.object({
  processedBytes: z.number().nonnegative(),
  expectedBytes: z.number().nonnegative().exactOptional(),
});
export type JobProgress = z.infer<typeof progressSchema>;

/** Whose the job is: a process, which alone may do its work, or nobody's ever, because it was settled before. */
const ownerSchema = z.discriminatedUnion('state', [
  processIdentitySchema.extend({ state: z.literal('process') }),
  z.object({ state: z.literal('settled'), error: errorRecordSchema }),
]);
export type JobOwner = z.infer<typeof ownerSchema>;

export type JobOutcome = Extract<JobStatus, { state: 'succeeded' | 'failed' }>;

/**
 * What is on disk of one job; any process reads it, and each file is written by one, whole or not at all:
 *
 * - `input.json`, `starter.json`: there from the first moment, by the process that starts the job,
 * - `owner.json`: created once. Whoever creates it decides whether the job's process works or the job is over. So there is
 *   no moment at which a kill leaves a job that is given up but still begins,
 * - `progress.json`, then `result.json` or `error.json`: by the job's process,
 * - `log`: its standard output and error.
 */
export class JobFolder {
  readonly path: string;
  readonly name: string;

  constructor(path: string) {
    this.path = path;
    this.name = basename(path);
  }

  get log(): string {
    return join(this.path, 'log');
  }

  get progressFile(): string {
    return join(this.path, 'progress.json');
  }

  /** Makes the folder with input and starter in it. Of any number of racing processes one is answered `true`. */
  async create(input: Json, starter: ProcessIdentity): Promise<boolean> {
    const parent = dirname(this.path);
    const draft = join(parent, '.starting', randomUUID());
    await mkdir(draft, { recursive: true, mode: ownerOnlyFolder });
    try {
      await createFile(join(draft, 'input.json'), JSON.stringify(input), ownerOnly);
      await createFile(join(draft, 'starter.json'), JSON.stringify(starter), ownerOnly);
      // A folder is renamed over an empty one only, and no job's folder is ever empty.
      const renamed = await unless(
        ['ENOTEMPTY', 'EEXIST'],
        rename(draft, this.path).then(() => true),
      );
      if (renamed === undefined) return false;
    } finally {
      await rm(draft, { recursive: true, force: true });
    }
    await syncDirectory(parent);
    return true;
  }

  /** Makes this the owner where there is none yet. @returns whose the job is now */
  async claim(owner: JobOwner): Promise<JobOwner> {
    const created = await createFile(this.#file('owner'), JSON.stringify(owner), ownerOnly);
    return created ? owner : ((await this.owner()) ?? owner);
  }

  /** Gives the job up unless a process owns it. @returns whose the job is now */
  settle(error: ErrorRecord): Promise<JobOwner> {
    return this.claim({ state: 'settled', error });
  }

  owner(): Promise<JobOwner | undefined> {
    return readJsonFile(this.#file('owner'), ownerSchema);
  }

  /** `undefined` where the job was never started. */
  starter(): Promise<ProcessIdentity | undefined> {
    return readJsonFile(this.#file('starter'), processIdentitySchema);
  }

  input(): Promise<Json | undefined> {
    return readJsonFile(this.#file('input'), jsonSchema);
  }

  progress(): Promise<JobProgress | undefined> {
    return readJsonFile(this.progressFile, progressSchema);
  }

  async outcome(): Promise<JobOutcome | undefined> {
    const result = await readJsonFile(this.#file('result'), jsonSchema);
    if (result !== undefined) return { state: 'succeeded', result };
    const error = await readJsonFile(this.#file('error'), errorRecordSchema);
    return error === undefined ? undefined : { state: 'failed', error };
  }

  async succeed(result: Json): Promise<void> {
    await replaceFile(this.#file('result'), JSON.stringify(result), ownerOnly);
  }

  async fail(error: ErrorRecord): Promise<void> {
    await replaceFile(this.#file('error'), JSON.stringify(error), ownerOnly);
  }

  #file(name: 'input' | 'starter' | 'owner' | 'result' | 'error'): string {
    return join(this.path, `${name}.json`);
  }
}
