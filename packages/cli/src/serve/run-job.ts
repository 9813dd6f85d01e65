import { resolve } from 'node:path';
import { z } from 'zod';
import { parseOptions } from '../cli/parse-options.ts';

const optionsSchema = z.object({ base: z.string() });

/** `lcb job`: one job of the service, in the process that it started for it. Not for people. @returns the exit code */
export async function runJob(jobArguments: readonly string[], given: unknown): Promise<number> {
  const { base } = parseOptions(optionsSchema, given);
  const { runLocalJob } = await import('@lcb/functions-local');
  return runLocalJob(resolve(base), jobArguments);
}
