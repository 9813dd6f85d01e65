import { z } from 'zod';
import { bytesSchema, countSchema } from '../model/values.ts';
import { artefactSchema } from '../ports/database-engine.ts';

/** What a restore of a library comes to. Paths are relative to the environment's prefix. */
export const restorePlanSchema = z.object({
  /** The rows of the backup's index to be copied, in key order, cut into shards. */
  shards: z.array(artefactSchema.extend({ rows: countSchema })),
  /** Sorted keys of the selection; absent where all of the library is restored. */
  selection: artefactSchema.optional(),
  /** The restored library, or the selected part of it. */
  objects: countSchema,
  bytes: bytesSchema,
  /** Of these, what has to be copied: the rest is in the target already, unchanged. */
  copyObjects: countSchema,
  copyBytes: bytesSchema,
  /** Objects of the target that do not belong there afterwards. */
  removeObjects: countSchema,
  removeBytes: bytesSchema,
  /** Objects of the backup that are left out on demand. */
  leftOutObjects: countSchema,
  leftOutBytes: bytesSchema,
  /** Selected by the database's rows, and not in the backup. First 100 keys. */
  notInBackup: z.object({ count: countSchema, keys: z.array(z.string()) }),
});
export type RestorePlan = z.infer<typeof restorePlanSchema>;

/** One line of a selection. */
export const selectedKeySchema = z.object({ key: z.string().min(1) });
