import { z } from 'zod';
import { stateSchema } from './state.ts';
import { bytesSchema, countSchema, errorRecordSchema, timeSchema } from './values.ts';

export const unitSchema = z.enum(['database', 'documentLibrary', 'search']);
/** What a backup consists of. */
export type Unit = z.infer<typeof unitSchema>;

/** Units in the order in which a backup takes them; a set without repetition, never empty. */
export const unitsSchema = z
  .array(unitSchema)
  .min(1, 'name at least one unit')
  .refine((units) => new Set(units).size === units.length, 'names a unit twice');

/** How one unit of a run is doing. `usable` is said once the run is over: may this unit be restored? */
export const unitStatusSchema = z.object({
  state: z.union([stateSchema, z.literal('Skipped')]),
  /** 0–100, or absent where the end is not known. */
  progress: z.number().min(0).max(100).optional(),
  objects: countSchema.optional(),
  /** Bytes of the unit at its source. */
  bytes: bytesSchema.optional(),
  /** Bytes that this run wrote for it: less than `bytes` in an incremental or compressed backup. */
  storedBytes: bytesSchema.optional(),
  startedAt: timeSchema.optional(),
  completedAt: timeSchema.optional(),
  error: errorRecordSchema.optional(),
  usable: z.boolean().optional(),
});
export type UnitStatus = z.infer<typeof unitStatusSchema>;
/** In this order everywhere: the order of the workflow. */
export const unitsStatusSchema = z.partialRecord(unitSchema, unitStatusSchema);
export type UnitsStatus = z.infer<typeof unitsStatusSchema>;
