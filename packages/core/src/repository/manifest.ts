import { z } from 'zod';
import { certificateSummarySchema } from '../consistency/certificate.ts';
import { backupIdSchema, environmentNameSchema, projectIdSchema, runIdSchema } from '../model/ids.ts';
import { backupTypeSchema, consistencyStrategySchema } from '../model/run.ts';
import { searchSnapshotSchema } from '../model/search.ts';
import { unitSchema } from '../model/unit.ts';
import { uploadedSchema } from '../model/upload.ts';
import {
  bytesSchema,
  countSchema,
  errorRecordSchema,
  intervalSchema,
  sha256Schema,
  timeSchema,
} from '../model/values.ts';
import { artefactSchema } from '../ports/database-engine.ts';

/** Version of the repository format that this code writes. Older ones stay readable; newer ones are refused. */
export const formatVersion = 1;

export const checkSchema = z.object({
  /** Stable name, such as `database.rowCounts`. */
  name: z.string(),
  unit: unitSchema,
  ok: z.boolean(),
  /** What it means when it is not ok: the unit is not in the backup (so where it is absent), or a person should look at it. */
  severity: z.enum(['fails', 'warns']).optional(),
  /** What had to be, and what was found, as a person reads it. */
  expected: z.string(),
  measured: z.string(),
  /** Seconds that it took. */
  seconds: z.number().nonnegative(),
});
/** One check made before the seal. A unit with a failed one is not in the backup; one that warns is shown. */
export type Check = z.infer<typeof checkSchema>;

export const databaseUnitSchema = z.object({
  type: z.literal('dump'),
  /** A `DatabaseDump`: parts, tables, library rows. */
  description: artefactSchema,
  engine: z.enum(['postgresql', 'mysql']),
  serverVersion: z.string(),
  tables: countSchema,
  rows: countSchema,
  sequences: countSchema,
  largeObjects: countSchema,
  bytes: bytesSchema,
  storedBytes: bytesSchema,
  liferayBuild: countSchema.optional(),
});

export const libraryUnitSchema = z.object({
  /** A `LibraryIndex`: the parts of the index. */
  index: artefactSchema,
  source: z.string(),
  objects: countSchema,
  bytes: bytesSchema,
  copiedObjects: countSchema,
  copiedBytes: bytesSchema,
  /** Generated files left out on demand. */
  excludedObjects: countSchema,
  excludedBytes: bytesSchema,
  /** Listed, but gone when they were to be copied. */
  vanishedObjects: countSchema,
  /** Backups in whose folders copies lie that this one's index refers to, itself included if so. */
  references: z.array(z.string()),
});
export type LibraryUnit = z.infer<typeof libraryUnitSchema>;

/** Where a copy comes from: the location and the signed manifest that it was read by, and the run that made it. */
const copiedFromSchema = z.object({
  location: z.string(),
  manifestSha256: sha256Schema,
  sealedAt: timeSchema,
  copyId: runIdSchema,
  initiator: z.string(),
});

export const manifestSchema = z.object({
  format: z.literal('lcb-backup'),
  version: z.literal(formatVersion),
  projectId: projectIdSchema,
  environment: environmentNameSchema,
  backupId: backupIdSchema,
  /** The location that it was written to: a manifest that was moved elsewhere is noticed. */
  location: z.string(),
  /** The attempt that counts; others are leftovers. */
  attempt: z.number().int().positive(),
  type: backupTypeSchema,
  mode: z.enum(['incremental', 'full']),
  base: backupIdSchema.nullable(),
  /** Why an incremental backup has no base although there were backups before. */
  baseRefused: z.string().optional(),
  /** The backup of this environment that was sealed before, and the hash of its manifest's bytes. */
  previous: z.object({ backupId: backupIdSchema, sha256: sha256Schema }).nullable(),
  /** Of a copy: the backup that it was made of. */
  copiedFrom: copiedFromSchema.optional(),
  /** Of an uploaded backup: what it was made from. */
  uploaded: uploadedSchema.optional(),
  requestedAt: timeSchema,
  /** The moment that the data is from. */
  dataTime: intervalSchema,
  sealedAt: timeSchema,
  initiator: z.string(),
  notes: z.string().optional(),
  /** Seconds after which it may go, where that was asked for. */
  keepFor: z.number().int().positive().optional(),
  consistency: z.object({
    strategy: consistencyStrategySchema,
    /** Why the exact moment was not to be had, where nobody asked for another strategy. */
    whyNotExact: z.string().optional(),
    /** Whether database and library fit together; absent in backups of before certificates were made. */
    certificate: certificateSummarySchema.optional(),
  }),
  /** Version of the service that made it. */
  serviceVersion: z.string(),
  /** Loose, so that a unit which this version does not know is seen, and never taken for verified. */
  units: z.looseObject({
    database: databaseUnitSchema.optional(),
    documentLibrary: libraryUnitSchema.optional(),
    search: searchSnapshotSchema.optional(),
  }),
  /** Units that were asked for and are not in this backup: with one of them it is Failed, and the others are usable. */
  failedUnits: z.array(z.object({ unit: unitSchema, error: errorRecordSchema })),
  checks: z.array(checkSchema),
});
export type Manifest = z.infer<typeof manifestSchema>;

/** Read first, so that a manifest of a newer version is refused with a clear word. */
export const manifestVersionSchema = z.object({ format: z.literal('lcb-backup'), version: z.number().int() });
