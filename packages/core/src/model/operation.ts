import { z } from 'zod';
import { bytesSchema, errorRecordSchema, jsonSchema } from './values.ts';

/** Long work at a provider, named so that another process can ask for it. */
export const operationHandleSchema = z.object({ operationId: z.string().min(1) });
export type OperationHandle = z.infer<typeof operationHandleSchema>;

/** How an operation is doing. `NotFound`: nobody knows it, so it was lost or never started. */
export const operationSchema = z.discriminatedUnion('state', [
  z.object({
    state: z.literal('InProgress'),
    operationId: z.string(),
    /** Bytes read at the source so far, and how many are expected, where they can be known. */
    processedBytes: bytesSchema.optional(),
    expectedBytes: bytesSchema.optional(),
  }),
  z.object({ state: z.literal('Succeeded'), operationId: z.string(), result: jsonSchema }),
  z.object({ state: z.literal('Failed'), operationId: z.string(), error: errorRecordSchema }),
  z.object({ state: z.literal('NotFound'), operationId: z.string() }),
]);
export type Operation = z.infer<typeof operationSchema>;
