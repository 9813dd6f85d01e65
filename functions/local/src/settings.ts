import {
  defaultGraceSeconds,
  environmentSchema,
  storeSettingsSchema,
  validationSettingsSchema,
} from '@lcb/core';
import { z } from 'zod';

/** Memory for what is on its way to buckets: four parts of the usual size. */
export const defaultUploadBytes = 32 * 2 ** 20;

/** How the local service is set up: what `lcb.yaml` says, with paths made absolute and defaults filled in. */
export const localSettingsSchema = z.object({
  /** Folder for everything that the service keeps on this machine: embedded catalog, keys, jobs. */
  stateDirectory: z.string().min(1),
  /** Relative `file:` secrets are looked for here: the folder of `lcb.yaml`. */
  baseDirectory: z.string().min(1),
  catalog: z.union([
    z.object({ kind: z.literal('embedded') }),
    z.object({ kind: z.literal('postgresql'), url: z.string().min(1), secret: z.string().optional() }),
  ]),
  environments: z.array(environmentSchema),
  deletion: z
    .object({
      /** Seconds in which a deleted backup can be undeleted. */
      graceSeconds: z.number().int().nonnegative().default(defaultGraceSeconds),
    })
    .prefault({}),
  validation: validationSettingsSchema.prefault({}),
  /** How buckets are reached. */
  stores: z.array(storeSettingsSchema).default([]),
  /** Hosts, addresses and ranges beyond the public Internet that hooks may reach. */
  egress: z.object({ allow: z.array(z.string()).default([]) }).prefault({}),
  limits: z.object({
    /** Runs at once, in total and of one project. */
    total: z.number().int().positive().default(10),
    perProject: z.number().int().positive().default(10),
    /** Objects copied at once by one shard. */
    copyConcurrency: z.number().int().positive().default(8),
    /** Memory for what is on its way to buckets, of all runs together. */
    uploadBytes: z.number().int().positive().default(defaultUploadBytes),
    /** Seconds that a lease lasts without being renewed. */
    leaseSeconds: z.number().int().positive().default(30),
    /** Seconds after which a copying step hands on a cursor. */
    stepSeconds: z.number().positive().default(300),
    /** A shard of a library has at most this many objects, … */
    shardObjects: z.number().int().positive().default(50_000),
    /** … and at most this many bytes to copy. */
    shardBytes: z
      .number()
      .int()
      .positive()
      .default(64 * 2 ** 30),
    /** Shards of one run that are worked on side by side. */
    shardsAtOnce: z.number().int().positive().default(2),
  }),
});
export type LocalSettings = z.infer<typeof localSettingsSchema>;
