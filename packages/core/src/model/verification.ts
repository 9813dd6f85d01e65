import { z } from 'zod';
import { bytesSchema, countSchema, timeSchema } from './values.ts';

/**
 * How far a verification goes.
 * - `quick`: manifest and signature, and everything that belongs to the backup by presence and size.
 * - `sample`: also every byte of its artefacts, and of some of its objects.
 * - `full`: every byte.
 * - `restore`: loads its dump into a scratch database, counts, compares, and drops it again.
 */
export const verificationLevelSchema = z.enum(['quick', 'sample', 'full', 'restore']);
export type VerificationLevel = z.infer<typeof verificationLevelSchema>;

/** Levels that need the backup location and nothing else. */
export const readingLevelSchema = verificationLevelSchema.exclude(['restore']);
export type ReadingLevel = z.infer<typeof readingLevelSchema>;

export const sampleSchema = z.object({
  /** Objects that are read, where there are so many. */
  size: z.number().int().positive(),
  /** Says which: the same seed takes the same objects of the same backup. */
  seed: z.string().min(1).max(100),
});
export type Sample = z.infer<typeof sampleSchema>;

/** What a verification by restore found on the server. */
export const restoredFiguresSchema = z.object({
  /** From the beginning of the load to its end, the rows of every table counted. */
  loadSeconds: z.number().nonnegative(),
  tables: countSchema,
  rows: countSchema,
  sequences: countSchema,
  largeObjects: countSchema,
  /** Of the restored rows and the backup's index; absent where there was nothing to compare. */
  certificate: z
    .object({
      verdict: z.enum(['consistent', 'consistentWithSourceDrift', 'inconsistent', 'notApplicable']),
      missing: countSchema,
      wrongSize: countSchema,
      unreferenced: countSchema,
      /** Key of the certificate in the backup location. */
      path: z.string(),
    })
    .optional(),
});
export type RestoredFigures = z.infer<typeof restoredFiguresSchema>;

/** What a verification looked at, and how long that took. */
export const verificationFiguresSchema = z.object({
  level: verificationLevelSchema,
  seconds: z.number().nonnegative(),
  bytesRead: bytesSchema,
  artefacts: countSchema,
  /** Objects of the library that were looked for, … */
  objects: countSchema,
  /** … and those among them of which every byte was read. */
  objectsRead: countSchema,
  sample: sampleSchema.optional(),
  restored: restoredFiguresSchema.optional(),
});
export type VerificationFigures = z.infer<typeof verificationFiguresSchema>;

/** What a run that verifies by restore has found; grows while it works. */
export const verificationResultSchema = z.object({
  artefacts: countSchema.optional(),
  bytesRead: bytesSchema.optional(),
  restored: restoredFiguresSchema.optional(),
  /** Its word on the backup, as it stands on record. None where the run ended without having found out. */
  verified: z
    .object({
      at: timeSchema,
      ok: z.boolean(),
      problems: z.array(z.string()),
      ...verificationFiguresSchema.shape,
    })
    .optional(),
});
export type VerificationResult = z.infer<typeof verificationResultSchema>;
