import { randomBytes } from 'node:crypto';
import { type Sample, sampleSchema, verificationLevelSchema } from '@lcb/core';
import { z } from 'zod';
import { wholeNumber } from '../cli/parse-options.ts';
import { UsageError } from '../usage-error.ts';

const levels = verificationLevelSchema.options;
const defaultSample = 100;

/** How far a verification goes. */
export const levelOptions = {
  level: z.enum(levels, `must be ${levels.slice(0, -1).join(', ')} or ${levels.at(-1)}`).default('full'),
  sample: wholeNumber(1, 10_000).optional(),
  seed: sampleSchema.shape.seed.optional(),
};

interface LevelOptions {
  readonly level: (typeof levels)[number];
  readonly sample?: number | undefined;
  readonly seed?: string | undefined;
}

/** Which objects a sample takes: others each time, unless a seed is given. @throws UsageError */
export function sampleOf({ level, sample, seed }: LevelOptions): Sample {
  if (level !== 'sample' && (sample !== undefined || seed !== undefined))
    throw new UsageError('--sample and --seed are of --level sample.');
  return { size: sample ?? defaultSample, seed: seed ?? randomBytes(6).toString('hex') };
}
