import { z } from 'zod';
import type { LibraryLayout } from '../library/layout.ts';
import { bytesSchema, countSchema, intervalSchema, sha256Schema, timeSchema } from '../model/values.ts';
import { artefactSchema } from '../ports/database-engine.ts';

/** Where the bytes of an object lie: a key relative to the environment's prefix, and the store's version of it. */
export const copyRefSchema = z.object({ path: z.string().min(1), version: z.string().optional() });

export const checksumSchema = z.object({ algorithm: z.literal('sha256'), value: sha256Schema });

/** The object as the source's listing showed it when it was copied. */
export const sourceObjectSchema = z.object({
  key: z.string().min(1),
  size: bytesSchema,
  etag: z.string(),
  version: z.string().optional(),
  lastModified: timeSchema,
  contentType: z.string().optional(),
  metadata: z.record(z.string(), z.string()).optional(),
  tags: z.record(z.string(), z.string()).optional(),
});
export type SourceObject = z.infer<typeof sourceObjectSchema>;

/** One row of a backup's complete, sorted index: what the object was, and where its copy is. */
export const indexRowSchema = sourceObjectSchema.extend({ checksum: checksumSchema, copy: copyRefSchema });
export type IndexRow = z.infer<typeof indexRowSchema>;

/**
 * One row of a shard's plan: to be copied, or, with `reuse`, already there since an earlier backup. All shards together
 * are the listing that the copy went by: what they have and the index has not vanished before it was copied, and
 * where the etags differ the object was replaced.
 */
export const planRowSchema = sourceObjectSchema.extend({
  /** The object below whose key this one lies as in a folder, where there is one: a file system can't hold both. */
  beside: z.string().optional(),
  reuse: z.object({ checksum: checksumSchema, copy: copyRefSchema }).optional(),
});
export type PlanRow = z.infer<typeof planRowSchema>;

export const indexPartSchema = artefactSchema.extend({
  rows: countSchema,
  /** Of the objects in the rows. */
  objectBytes: bytesSchema,
  firstKey: z.string().optional(),
  lastKey: z.string().optional(),
});
export type IndexPart = z.infer<typeof indexPartSchema>;

/** What one call of one shard left: an index part, and where the next call begins. */
export const indexPartDescriptionSchema = z.object({
  shard: countSchema,
  cursor: countSchema,
  next: countSchema.nullable(),
  part: indexPartSchema,
  copiedObjects: countSchema,
  copiedBytes: bytesSchema,
  /** Objects that the listing had and that were gone when they were to be copied. First 100 keys. */
  vanished: z.object({ count: countSchema, bytes: bytesSchema, keys: z.array(z.string()) }),
  /** Objects that were replaced between listing and copy; the index has the newer one. */
  replaced: z.object({ count: countSchema, byteDifference: z.number().int() }),
  /** Backups in whose folders the copies of these rows lie. */
  references: z.array(z.string()),
});
export type IndexPartDescription = z.infer<typeof indexPartDescriptionSchema>;

/** All parts, in key order: reading them one after the other is reading the whole index. */
export const libraryIndexSchema = z.object({
  parts: z.array(indexPartSchema),
  objects: countSchema,
  bytes: bytesSchema,
  copiedObjects: countSchema,
  copiedBytes: bytesSchema,
  vanishedObjects: countSchema,
  vanishedBytes: bytesSchema,
  /** By how much objects that were replaced after the listing are larger now. */
  replacedByteDifference: z.number().int(),
  /** Backups in whose folders the copies lie. */
  references: z.array(z.string()),
});
export type LibraryIndex = z.infer<typeof libraryIndexSchema>;

/** The source listed before the database's moment: keys and sizes, nothing else. One row of it. */
export const earlierObjectSchema = z.object({ key: z.string().min(1), size: bytesSchema });
/** …, and what the listing came to. */
export const earlierListingSchema = artefactSchema.extend({
  rows: countSchema,
  listed: intervalSchema,
});
export type EarlierListing = z.infer<typeof earlierListingSchema>;

export const libraryLayoutSchema = z.union([
  z.object({ kind: z.enum(['bucket', 'advancedFileSystem', 'empty', 'unknown']) }),
  z.object({ kind: z.literal('nested'), prefix: z.string() }),
]) satisfies z.ZodType<LibraryLayout>;

/** The library is the one of the database's moment, chosen from the versions that its bucket keeps. */
export const exactMomentSchema = z.object({
  /** When the database's snapshot was taken, by the clock of the store that holds the library. */
  moment: intervalSchema,
  /** Objects that were gone when it was listed, … */
  deleted: countSchema,
  /** … that were there in a newer version, … */
  replaced: countSchema,
  /** … and those that are left out since they came later. */
  later: countSchema,
  /** Objects that had been deleted or replaced long before, and are in the backup again as a row names them: the source was wrong. */
  healed: countSchema,
});

/** What the listing of the source and its comparison with the base came to; one per attempt. */
export const libraryPlanSchema = z.object({
  source: z.string(),
  base: z.string().nullable(),
  /** Why there is no base although the backup is incremental. */
  baseRefused: z.string().optional(),
  listedFrom: timeSchema,
  listedTo: timeSchema,
  shards: countSchema,
  objects: countSchema,
  bytes: bytesSchema,
  copyObjects: countSchema,
  copyBytes: bytesSchema,
  excludedObjects: countSchema,
  excludedBytes: bytesSchema,
  exact: exactMomentSchema.optional(),
  /** How the listed keys look: whether rows of a database can be compared with them. */
  layout: libraryLayoutSchema,
});
export type LibraryPlan = z.infer<typeof libraryPlanSchema>;
