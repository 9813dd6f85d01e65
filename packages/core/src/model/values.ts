import { z } from 'zod';

/** RFC 3339, UTC, milliseconds: `2025-11-09T14:30:00.000Z`. */
export const timeSchema = z.iso.datetime();
/** Bytes, always an integer. */
export const bytesSchema = z.number().int().nonnegative();
export const countSchema = z.number().int().nonnegative();
export const sha256Schema = z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 lower-case hexadecimal digits');

/** From and to are the earliest and the latest moment that it can have been, in the object store's clock. */
export const intervalSchema = z.object({ from: timeSchema, to: timeSchema });
export type Interval = z.infer<typeof intervalSchema>;

/** Anything that JSON holds; what commands, steps and jobs exchange. */
export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [key: string]: Json | undefined };
export const jsonSchema: z.ZodType<Json> = z.json();

export const errorRecordSchema = z.object({ code: z.string(), message: z.string(), retryable: z.boolean() });
