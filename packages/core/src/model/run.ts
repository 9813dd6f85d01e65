import { z } from 'zod';
import { hooksSchema, runHooksSchema } from './hook.ts';
import { backupIdSchema, environmentNameSchema, projectIdSchema, runIdSchema } from './ids.ts';
import {
  databaseConnectionSchema,
  environmentSchema,
  liferaySchema,
  storeLocationSchema,
} from './project.ts';
import { restoreResultSchema } from './restore-result.ts';
import { searchTargetSchema } from './search.ts';
import { sqlScriptsSchema } from './sql-script.ts';
import { stateSchema } from './state.ts';
import { unitsSchema, unitsStatusSchema } from './unit.ts';
import { uploadSchema } from './upload.ts';
import { bytesSchema, countSchema, errorRecordSchema, intervalSchema, timeSchema } from './values.ts';
import { verificationResultSchema } from './verification.ts';

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

/**
 * What makes database and library fit together (requirements 5.2):
 *
 * - `databaseFirst`: the database's moment first, the library as it is right after it.
 * - `exact`: the library is the one of the database's moment, from the versions that its bucket keeps.
 * - `quiesce`: the environment stands still meanwhile.
 */
export const consistencyStrategySchema = z.enum(['databaseFirst', 'exact', 'quiesce']);
export type ConsistencyStrategy = z.infer<typeof consistencyStrategySchema>;
/** `automatic`: `exact` where the source allows it, otherwise `databaseFirst`. */
export const consistencyRequestSchema = z.enum(['automatic', ...consistencyStrategySchema.options]);

export const backupRequestSchema = z.object({
  kind: z.literal('backup'),
  ...requestBase,
  type: backupTypeSchema.default('Manual'),
  units: unitsSchema,
  /** `full` copies every object again; `incremental` copies what its base lacks. Each restores alone. */
  mode: z.enum(['incremental', 'full']).default('incremental'),
  compression: compressionSchema.default('zstd'),
  consistency: consistencyRequestSchema.default('automatic'),
  /** Seconds after which it may go, whatever the environment's rules of retention say. */
  keepFor: z.number().int().positive().optional(),
  /** The environment as it was declared when the request was made: a run does not change its mind. */
  source: environmentSchema,
  /** What a backup of type `Uploaded` is made from, in place of the environment's own data. */
  upload: uploadSchema.optional(),
});
export type BackupRequest = z.infer<typeof backupRequestSchema>;

/** Where a restore writes. With mode `new`, naming a place that holds data is refused. */
export const restoreTargetSchema = z.object({
  environment: environmentNameSchema,
  database: databaseConnectionSchema.optional(),
  documentLibrary: z.object({ location: storeLocationSchema }).optional(),
  liferay: liferaySchema.optional(),
  search: searchTargetSchema.optional(),
  /** How the environment is told what was restored, if it is declared. */
  hooks: hooksSchema.optional(),
});
export type RestoreTarget = z.infer<typeof restoreTargetSchema>;

/**
 * `new`: the target must not hold data. `inPlace`: what the target holds is replaced, after a safety backup. `swap`: the
 * backup is restored beside the target and checked, then the two change places, and the old one is kept.
 */
export const restoreModeSchema = z.enum(['new', 'inPlace', 'swap']);
export type RestoreMode = z.infer<typeof restoreModeSchema>;

/** A row's id as Liferay shows it: digits, since a JSON number does not hold every Java long. */
const rowIdSchema = z.string().regex(/^\d{1,19}$/, 'must be a number such as 20123');

/**
 * A part of a library. Folders, entries and versions add up; companies narrow what they name, and alone stand for all
 * of their objects. Found through the rows of the backup's own database, since a folder is no prefix of a key.
 */
export const librarySelectionSchema = z
  .object({
    folders: z
      .array(
        z.object({
          /** As people see it: `/Marketing/2024`; `/` is everything of a site. Subfolders and all versions included. */
          path: z.string().regex(/^\//, 'must begin with a slash, as in /Marketing/2024'),
          /** The site, where several have a folder of this path. */
          groupId: rowIdSchema.optional(),
        }),
      )
      .default([]),
    fileEntries: z.array(rowIdSchema).default([]),
    fileVersions: z.array(rowIdSchema).default([]),
    companies: z.array(rowIdSchema).default([]),
  })
  .refine(
    (selection) => Object.values(selection).some((chosen) => chosen.length > 0),
    'names nothing: name folders, fileEntries, fileVersions or companies',
  );
export type LibrarySelection = z.infer<typeof librarySelectionSchema>;

/** Whoever replaces an environment says whether it is backed up before. Absent where nothing is replaced. */
export const safetyBackupSchema = z.discriminatedUnion('kind', [
  /** The environment as it is declared: the safety backup is a backup like any other, of the units that are replaced. */
  z.object({ kind: z.literal('take'), source: environmentSchema }),
  z.object({ kind: z.literal('refused') }),
]);
export type SafetyBackup = z.infer<typeof safetyBackupSchema>;

export const restoreRequestSchema = z.object({
  kind: z.literal('restore'),
  ...requestBase,
  backupId: backupIdSchema,
  /** Where the backup lies, and the environment that it is of. */
  backup: z.object({ environment: environmentNameSchema, location: storeLocationSchema }),
  units: unitsSchema,
  target: restoreTargetSchema,
  mode: restoreModeSchema.default('new'),
  /** The target environment's name once more, by whoever means to replace it. */
  confirmation: z.string().max(200).optional(),
  safetyBackup: safetyBackupSchema.optional(),
  selection: librarySelectionSchema.optional(),
  /** Leave out previews, thumbnails and adaptive media; rows that point at them are cleared. */
  withoutGeneratedFiles: z.boolean().default(false),
  /** Remove from the restored library what no row of the restored database knows. */
  removeUnreferenced: z.boolean().default(false),
  /** Run on the restored database at the end, in this order, all in one transaction. */
  scripts: sqlScriptsSchema.optional(),
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

/** Makes a backup once more in another location, where it needs nothing of the first. */
export const copyRequestSchema = z.object({
  kind: z.literal('copy'),
  ...requestBase,
  backupId: backupIdSchema,
  backup: z.object({ environment: environmentNameSchema, location: storeLocationSchema }),
  to: storeLocationSchema,
});
export type CopyRequest = z.infer<typeof copyRequestSchema>;

/** Gives back the space of deleted backups, and of what was never sealed. */
export const sweepRequestSchema = z.object({
  kind: z.literal('sweep'),
  ...requestBase,
  /** Of the environment's backups. */
  location: storeLocationSchema,
  /** Seconds for which what was never sealed is left alone after the last write to it. */
  graceSeconds: z.number().int().nonnegative().default(defaultGraceSeconds),
});
export type SweepRequest = z.infer<typeof sweepRequestSchema>;

/** Loads a backup's database into a scratch database, holds it against the backup, and drops it again. */
export const verifyRequestSchema = z.object({
  kind: z.literal('verify'),
  ...requestBase,
  backupId: backupIdSchema,
  backup: z.object({ environment: environmentNameSchema, location: storeLocationSchema }),
  /** Where the scratch database is made, under a name of the run's own: the one in the URL is not touched. */
  server: databaseConnectionSchema,
});
export type VerifyRunRequest = z.infer<typeof verifyRequestSchema>;

export const runRequestSchema = z.discriminatedUnion('kind', [
  backupRequestSchema,
  restoreRequestSchema,
  deleteRequestSchema,
  copyRequestSchema,
  sweepRequestSchema,
  verifyRequestSchema,
]);
export type RunRequest = z.infer<typeof runRequestSchema>;

const runBase = {
  /** For a backup this is the backup's id, for a restore the restore's. */
  runId: runIdSchema,
  projectId: projectIdSchema,
  /** The environment that the run reads (backup) or writes (restore); its lease is held while it runs, but by a verification. */
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
  hooks: runHooksSchema.optional(),
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
  result: restoreResultSchema.optional(),
});
export type Restore = z.infer<typeof restoreSchema>;

export const deletionSchema = z.object({
  kind: z.literal('delete'),
  ...runBase,
  request: deleteRequestSchema,
});
export type Deletion = z.infer<typeof deletionSchema>;

export const copySchema = z.object({
  kind: z.literal('copy'),
  ...runBase,
  request: copyRequestSchema,
  /** The copy's own manifest. */
  sealed: sealedSchema.optional(),
});
/** A copy of a backup in another location: it has the backup's id, and a manifest of its own. */
export type Copy = z.infer<typeof copySchema>;

export const sweptSchema = z.object({
  /** Objects, and where versions are kept their versions, that were removed. */
  objects: countSchema,
  bytes: bytesSchema,
  /** Was everything removed that was due? One that lasts too long leaves the rest to the next. */
  isComplete: z.boolean(),
});
export type Swept = z.infer<typeof sweptSchema>;

export const sweepSchema = z.object({
  kind: z.literal('sweep'),
  ...runBase,
  request: sweepRequestSchema,
  result: sweptSchema.optional(),
});
export type Sweep = z.infer<typeof sweepSchema>;

export const verifyRunSchema = z.object({
  kind: z.literal('verify'),
  ...runBase,
  request: verifyRequestSchema,
  result: verificationResultSchema.optional(),
});
export type VerifyRun = z.infer<typeof verifyRunSchema>;

export const runSchema = z.discriminatedUnion('kind', [
  backupSchema,
  restoreSchema,
  deletionSchema,
  copySchema,
  sweepSchema,
  verifyRunSchema,
]);
/** One execution of a workflow, whatever its kind. */
export type Run = z.infer<typeof runSchema>;

/**
 * When a deletion counts from: RFC 3339. A request may have waited, or come from a host whose clock is behind: nobody loses time by that, and
 * what had been sealed when it began is what it means.
 */
export function deletionTime(
  { requestedAt }: Pick<DeleteRequest, 'requestedAt'>,
  startedAt = requestedAt,
): string {
  return Date.parse(startedAt) > Date.parse(requestedAt) ? startedAt : requestedAt;
}

/** The end of the time in which what a request deleted can be undeleted: RFC 3339. */
export function graceEnd(request: DeleteRequest, startedAt?: string): string {
  const from = Date.parse(deletionTime(request, startedAt));
  return new Date(from + request.graceSeconds * 1000).toISOString();
}
