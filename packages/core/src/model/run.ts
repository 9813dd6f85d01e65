import { z } from 'zod';
import { backupIdSchema, environmentNameSchema, projectIdSchema, runIdSchema } from './ids.ts';
import { databaseConnectionSchema, environmentSchema, storeLocationSchema } from './project.ts';
import { stateSchema } from './state.ts';
import { unitsSchema, unitsStatusSchema } from './unit.ts';
import { errorRecordSchema, intervalSchema, timeSchema } from './values.ts';

const requestBase = {
  /** Idempotency key: a request runs once, however often it is delivered. */
  requestId: z.string().min(1).max(200),
  projectId: projectIdSchema,
  environment: environmentNameSchema,
  /** Who asked: a user's name or e-mail address, or `schedule:NAME`. */
  initiator: z.string().min(1).max(200),
  requestedAt: timeSchema,
  /** Carried through events, audit and logs. */
  correlationId: z.string().min(1).max(200),
  notes: z.string().max(2000).optional(),
  /** After this moment the request is refused: a controller that applies it again finds it expired. */
  notAfter: timeSchema.optional(),
};

export const compressionSchema = z.enum(['zstd', 'gzip']);
export type Compression = z.infer<typeof compressionSchema>;

export const backupTypeSchema = z.enum(['Auto', 'Manual', 'Uploaded']);

/** Which strategy makes database and library fit together; the requirements' section 5.2. */
export const consistencyStrategySchema = z.enum(['databaseFirst']);

export const backupRequestSchema = z.object({
  kind: z.literal('backup'),
  ...requestBase,
  type: backupTypeSchema.default('Manual'),
  units: unitsSchema,
  /** `full` copies every object again; `incremental` copies what its base lacks. Each restores alone. */
  mode: z.enum(['incremental', 'full']).default('incremental'),
  compression: compressionSchema.default('zstd'),
  consistency: consistencyStrategySchema.default('databaseFirst'),
  /** The environment as it was declared when the request was made: a run does not change its mind. */
  source: environmentSchema,
});
export type BackupRequest = z.infer<typeof backupRequestSchema>;

/** Where a restore writes. The environment is new; naming one that holds data is refused. */
export const restoreTargetSchema = z.object({
  environment: environmentNameSchema,
  database: databaseConnectionSchema.optional(),
  documentLibrary: z.object({ location: storeLocationSchema }).optional(),
});
export type RestoreTarget = z.infer<typeof restoreTargetSchema>;

export const restoreRequestSchema = z.object({
  kind: z.literal('restore'),
  ...requestBase,
  backupId: backupIdSchema,
  /** Where the backup lies, and the environment that it is of. */
  backup: z.object({ environment: environmentNameSchema, location: storeLocationSchema }),
  units: unitsSchema,
  target: restoreTargetSchema,
});
export type RestoreRequest = z.infer<typeof restoreRequestSchema>;

/** A week. */
export const defaultGraceSeconds = 7 * 24 * 3600;

export const deleteRequestSchema = z.object({
  kind: z.literal('delete'),
  ...requestBase,
  backupId: backupIdSchema,
  backup: z.object({ environment: environmentNameSchema, location: storeLocationSchema }),
  reason: z.string().max(2000).optional(),
  /** Seconds, from the request on, in which it can be undeleted. */
  graceSeconds: z.number().int().nonnegative().default(defaultGraceSeconds),
  /** Also when another backup that is kept was built on it: the bytes that others need stay in any case. */
  evenIfBase: z.boolean().default(false),
});
export type DeleteRequest = z.infer<typeof deleteRequestSchema>;

export const runRequestSchema = z.discriminatedUnion('kind', [
  backupRequestSchema,
  restoreRequestSchema,
  deleteRequestSchema,
]);
export type RunRequest = z.infer<typeof runRequestSchema>;

const runBase = {
  /** For a backup this is the backup's id, for a restore the restore's. */
  runId: runIdSchema,
  projectId: projectIdSchema,
  /** The environment that the run reads (backup) or writes (restore); its lease is held while it runs. */
  environment: environmentNameSchema,
  state: stateSchema,
  units: unitsStatusSchema,
  /** Epoch of the lease with which the run was admitted last; 0 before. */
  epoch: z.number().int().nonnegative(),
  cancelRequested: z.boolean(),
  requestedAt: timeSchema,
  startedAt: timeSchema.optional(),
  completedAt: timeSchema.optional(),
  error: errorRecordSchema.optional(),
};

/** What the catalog keeps of a sealed backup, so that lists and restores need not open the bucket. */
export const sealedSchema = z.object({
  manifestSha256: z.string(),
  attempt: z.number().int().positive(),
  sealedAt: timeSchema,
  /** The moment that the data is from, which is not the time of the request. */
  dataTime: intervalSchema,
  base: backupIdSchema.nullable(),
  /** Why an incremental backup has no base although there were backups before. */
  baseRefused: z.string().optional(),
});
export type Sealed = z.infer<typeof sealedSchema>;

export const backupSchema = z.object({
  kind: z.literal('backup'),
  ...runBase,
  request: backupRequestSchema,
  sealed: sealedSchema.optional(),
  /** Set when it was deleted softly; its bytes stay for the grace period. */
  deletedAt: timeSchema.optional(),
  /** Until then it can be undeleted. */
  deletedUntil: timeSchema.optional(),
  /** A pinned backup is deleted by nobody, until it is unpinned. */
  pinned: z.object({ at: timeSchema, reason: z.string().optional() }).optional(),
  /** Set where the row was made again from the manifest, after the catalog was lost. */
  rebuiltAt: timeSchema.optional(),
});
/** A backup: one id for database, library and search index of one environment at one moment. */
export type Backup = z.infer<typeof backupSchema>;

export const restoreSchema = z.object({
  kind: z.literal('restore'),
  ...runBase,
  request: restoreRequestSchema,
});
export type Restore = z.infer<typeof restoreSchema>;

export const deletionSchema = z.object({
  kind: z.literal('delete'),
  ...runBase,
  request: deleteRequestSchema,
});
export type Deletion = z.infer<typeof deletionSchema>;

export const runSchema = z.discriminatedUnion('kind', [backupSchema, restoreSchema, deletionSchema]);
/** One execution of a workflow, whatever its kind. */
export type Run = z.infer<typeof runSchema>;

/** The end of the time in which what a request deleted can be undeleted: RFC 3339. */
export function graceEnd({ requestedAt, graceSeconds }: DeleteRequest): string {
  return new Date(Date.parse(requestedAt) + graceSeconds * 1000).toISOString();
}
