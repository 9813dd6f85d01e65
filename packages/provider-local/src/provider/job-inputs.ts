import {
  compressionSchema,
  databaseConnectionSchema,
  databaseDumpSchema,
  databaseSelectionSchema,
  dumpLockSecondsSchema,
  dumpWorkersSchema,
  environmentNameSchema,
  projectIdSchema,
  runIdSchema,
  type StoreSettings,
  sqlScriptsSchema,
  storeLocationSchema,
  storeSettingsSchema,
} from '@lcb/core';
import { z } from 'zod';

const attemptSchema = z.object({
  projectId: projectIdSchema,
  environment: environmentNameSchema,
  backupId: runIdSchema,
  attempt: z.number().int().positive(),
  location: storeLocationSchema,
});

/** What a dump job is told; secrets by reference only. */
export const dumpJobSchema = z.object({
  attempt: attemptSchema,
  source: databaseConnectionSchema,
  compression: compressionSchema,
  selection: databaseSelectionSchema.optional(),
  library: storeLocationSchema.optional(),
  workers: dumpWorkersSchema.optional(),
  lockSeconds: dumpLockSecondsSchema.optional(),
});

/** What a load job is told. */
export const loadJobSchema = z.object({
  runId: runIdSchema,
  backup: attemptSchema,
  dump: databaseDumpSchema,
  target: databaseConnectionSchema,
  replaceExisting: z.boolean(),
  untrusted: z.boolean(),
  rollback: z.boolean(),
});

/** What a job is told that reads the library's rows of a restored database. */
export const rowsJobSchema = z.object({
  database: databaseConnectionSchema,
  location: storeLocationSchema,
  prefix: z.string(),
  folder: z.string(),
});

/** What a job is told that runs scripts on a restored database. */
export const scriptsJobSchema = z.object({ database: databaseConnectionSchema, scripts: sqlScriptsSchema });

/** Every job opens stores, and is told how they are reached; secrets by reference only. */
const storesSchema = z.object({ stores: z.array(storeSettingsSchema).default([]) });

export function storesOf(input: unknown): readonly StoreSettings[] {
  return storesSchema.parse(input).stores;
}
