import { runRequestSchema, unitsStatusSchema } from '@lcb/core';
import { localSettingsSchema } from '@lcb/functions-local';
import { z } from 'zod';

/** What a measuring process is told. Everything comes through standard input: no secret on a command line. */
export const taskSchema = z.discriminatedUnion('kind', [
  /** Opens the service, becomes its owner and leaves: what everything else starts from. */
  z.object({ kind: z.literal('idle'), settings: localSettingsSchema }),
  /** One run of the service, from the request to its end. */
  z.object({ kind: z.literal('run'), settings: localSettingsSchema, request: runRequestSchema }),
  /** Reads and checks every byte of a backup. */
  z.object({
    kind: z.literal('verify'),
    settings: localSettingsSchema,
    location: z.string(),
    backup: z.object({ projectId: z.string(), environment: z.string(), backupId: z.string() }),
  }),
  /** Plain tools, as a script of bash. */
  z.object({ kind: z.literal('command'), script: z.string(), env: z.record(z.string(), z.string()) }),
]);
export type Task = z.infer<typeof taskSchema>;

/** What a process used. CPU seconds and bytes are missing where the system does not tell them. */
export const usageSchema = z.object({
  /** User and system time; of jobs and plain tools with that of the programs which they started. */
  cpuSeconds: z.number().nullable(),
  /** The most memory that the process ever had; programs that it started are not in it. */
  peakBytes: z.number(),
});
export type Usage = z.infer<typeof usageSchema>;

/** The service starts a process for each dump and each load; this is what that process says of itself at its end. */
export const jobUsageSchema = usageSchema.extend({ kind: z.string(), seconds: z.number() });
export type JobUsage = z.infer<typeof jobUsageSchema>;

export const measurementSchema = z.object({
  seconds: z.number(),
  usage: usageSchema,
  jobs: z.array(jobUsageSchema).readonly(),
  /** Seconds in each step of a run, added up. */
  steps: z.record(z.string(), z.number()),
  /** What came of a run. */
  runId: z.string().optional(),
  units: unitsStatusSchema.optional(),
  /** What a verification read. */
  verified: z.object({ objects: z.number(), bytes: z.number() }).optional(),
});
export type Measurement = z.infer<typeof measurementSchema>;
