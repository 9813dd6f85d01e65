import { z } from 'zod';
import { jsonSchema, sha256Schema, timeSchema } from './values.ts';

/** What is to be written down: who did what to what, when, and how it ended. */
export const auditEventSchema = z.object({
  /** Who: a user, `schedule:NAME` or `service`. */
  actor: z.string().min(1),
  /** What: `backup.requested`, `backup.succeeded`, `restore.failed`, … */
  action: z.string().min(1),
  /** Where: the id of a run, an environment, a key. */
  subject: z.string().min(1),
  result: z.enum(['accepted', 'refused', 'succeeded', 'failed', 'cancelled']),
  at: timeSchema,
  correlationId: z.string().min(1),
  details: jsonSchema.optional(),
});
export type AuditEvent = z.infer<typeof auditEventSchema>;

export const auditEntrySchema = auditEventSchema.extend({
  /** The project whose chain it is in, or `platform`, which no project can be called: see `platformChain`. */
  chain: z.string().min(1),
  /** 1, 2, 3, … without a gap in each chain. */
  sequence: z.number().int().positive(),
  /** Hash of the entry before, 64 zeros for the first. */
  previousHash: sha256Schema,
  /** SHA-256 over the canonical JSON of everything above. */
  hash: sha256Schema,
});
export type AuditEntry = z.infer<typeof auditEntrySchema>;

/** The chain of acts that belong to no project. The leading underscore keeps it apart from every project's name. */
export const platformChain = '_platform';

/** The newest entry of a chain: what is signed and anchored outside of the catalog. */
export const auditHeadSchema = z.object({
  chain: z.string().min(1),
  sequence: z.number().int().nonnegative(),
  hash: sha256Schema,
});
export type AuditHead = z.infer<typeof auditHeadSchema>;
