import { z } from 'zod';
import { backupIdSchema } from './ids.ts';
import { unitSchema } from './unit.ts';
import { countSchema } from './values.ts';

/**
 * Why a setting of the backup's database was not given to the restored one. `ofServer`: it names roles, tablespaces or
 * libraries of the source's server. `notPermitted`: the user of the restore may not set it. `unknown`: the target's
 * version has no such setting. `invalid`: it does not take this value there.
 */
export const settingLeftOutReasonSchema = z.enum(['ofServer', 'notPermitted', 'unknown', 'invalid']);
export type SettingLeftOutReason = z.infer<typeof settingLeftOutReasonSchema>;

/** What a restore found and did beyond its units; grows while it runs. */
export const restoreResultSchema = z.object({
  /** The backup that was taken before anything was replaced. */
  safetyBackupId: backupIdSchema.optional(),
  /** Units that the restore has begun to write over: those are what there is to go back from. */
  written: z.array(unitSchema).optional(),
  /** All was done that was asked for; whatever goes wrong afterwards takes nothing of it back. */
  completed: z.boolean().optional(),
  /** The hook `switch` may have been called: from then on the environment may be pointing to the new places. */
  switchCalled: z.boolean().optional(),
  /** Set when the restore failed half-way and the environment is again what the safety backup holds. */
  rolledBack: z.boolean().optional(),
  /** Whether the restored database and library fit together; more in the certificate itself. */
  certificate: z
    .object({
      verdict: z.enum(['consistent', 'consistentWithSourceDrift', 'inconsistent', 'notApplicable']),
      introduced: countSchema,
      missing: countSchema,
      wrongSize: countSchema,
      unreferenced: countSchema,
      /** Key of the certificate in the location of the backup. */
      path: z.string(),
    })
    .optional(),
  /** Objects that no row of the restored database knew, and that were removed on demand. */
  removedUnreferenced: countSchema.optional(),
  /** Settings of the backup's database that the restored one does not have. */
  settingsLeftOut: z.array(z.object({ name: z.string(), reason: settingLeftOutReasonSchema })).optional(),
  /** Rows that pointed at generated files, and were deleted so that Liferay makes the files again. */
  clearedRows: countSchema.optional(),
  /** Objects of the selection that the backup's database knows and its library does not have. First 100 keys. */
  notInBackup: z.object({ count: countSchema, keys: z.array(z.string()) }).optional(),
  /** Objects that were in the place of the restored library and are not part of it. */
  removedObjects: countSchema.optional(),
  /** What was in the target's place before a swap, and where it is kept. */
  kept: z.object({ database: z.string().optional(), documentLibrary: z.string().optional() }).optional(),
  /** Units whose names could not change places: the environment has to be declared with these from now on. */
  declare: z.object({ database: z.string().optional(), documentLibrary: z.string().optional() }).optional(),
});
export type RestoreResult = z.infer<typeof restoreResultSchema>;
