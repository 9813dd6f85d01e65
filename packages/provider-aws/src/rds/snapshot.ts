import { timeSchema } from '@lcb/core';
import { z } from 'zod';

/** What a backup keeps of its snapshot. */
export const rdsSnapshotSchema = z.object({
  kind: z.enum(['instance', 'cluster']),
  id: z.string(),
  arn: z.string(),
  /** Identifier of the instance or cluster that it was taken of. */
  source: z.string(),
  engine: z.string(),
  engineVersion: z.string(),
  /** GiB that the source had allocated, not what the snapshot takes. Aurora says 0 or 1 here at times. */
  allocatedGibibytes: z.number().int().nonnegative(),
  encrypted: z.boolean(),
  kmsKeyId: z.string().optional(),
  /** The moment that its data is of. */
  dataTime: timeSchema.optional(),
});
export type RdsSnapshot = z.infer<typeof rdsSnapshotSchema>;
