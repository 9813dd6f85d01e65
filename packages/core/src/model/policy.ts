import { z } from 'zod';
import { environmentNameSchema, projectIdSchema, runIdSchema } from './ids.ts';
import { unitsSchema } from './unit.ts';
import { timeSchema } from './values.ts';

/** Which backups are kept. Whatever any rule wants to keep is kept. */
export const retentionPolicySchema = z.object({
  keepLast: z.number().int().positive().optional(),
  keepDaily: z.number().int().positive().optional(),
  keepWeekly: z.number().int().positive().optional(),
  keepMonthly: z.number().int().positive().optional(),
  /** Seconds. */
  keepFor: z.number().int().positive().optional(),
});
export type RetentionPolicy = z.infer<typeof retentionPolicySchema>;

export const scheduleSchema = z.object({
  name: z
    .string()
    .regex(/^[a-z](?:-?[a-z0-9])*$/)
    .max(40),
  projectId: projectIdSchema,
  environment: environmentNameSchema,
  /** Five fields. */
  cron: z.string().min(9),
  /** IANA name, such as `America/New_York`. */
  timezone: z.string().min(1),
  units: unitsSchema,
  retention: retentionPolicySchema.optional(),
});
/** When an environment is backed up by itself. */
export type Schedule = z.infer<typeof scheduleSchema>;

export const approvalSchema = z.object({
  approvalId: z.uuid(),
  projectId: projectIdSchema,
  runId: runIdSchema,
  /** Somebody else than the initiator of the run. */
  approvedBy: z.string().min(1).max(200),
  approvedAt: timeSchema,
});
/** A separate, authenticated act by somebody else than the requester; never a field of the request. */
export type Approval = z.infer<typeof approvalSchema>;
