import { z } from 'zod';

/** A DB instance that stands alone, or a cluster (Aurora, or Multi-AZ with three instances), by its identifier. */
export const databaseSourceSchema = z.object({
  kind: z.enum(['instance', 'cluster']),
  id: z.string().min(1),
});
export type DatabaseSource = z.infer<typeof databaseSourceSchema>;
