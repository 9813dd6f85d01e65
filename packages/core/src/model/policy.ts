import { z } from 'zod';
import { environmentNameSchema, projectIdSchema, runIdSchema } from './ids.ts';
import { retentionSchema } from './retention.ts';
import { unitsSchema } from './unit.ts';
import { timeSchema } from './values.ts';

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
  retention: retentionSchema.optional(),
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
