import { createHash } from 'node:crypto';
import { z } from 'zod';

const namePattern = /^[a-z](?:-?[a-z0-9])*$/;
const nameRule =
  'lower-case letters, digits and single hyphens, beginning with a letter, not ending with a hyphen';

/** Longest project name plus environment name, in characters, so that ids derived from both fit every provider's limit. */
export const maxNamesLength = 40;

export const projectIdSchema = z.string().max(maxNamesLength).regex(namePattern, `must be ${nameRule}`);
export const environmentNameSchema = z.string().max(maxNamesLength).regex(namePattern, `must be ${nameRule}`);

/** A project and one of its environments: the tenant and the thing that is backed up. */
export const environmentRefSchema = z
  .object({ projectId: projectIdSchema, environment: environmentNameSchema })
  .refine(({ projectId, environment }) => projectId.length + environment.length <= maxNamesLength, {
    message: `project and environment names may have ${maxNamesLength} characters together`,
    path: ['environment'],
  });
export type EnvironmentRef = z.infer<typeof environmentRefSchema>;

export const runKindSchema = z.enum(['backup', 'restore', 'delete', 'copy', 'sweep', 'verify']);
export type RunKind = z.infer<typeof runKindSchema>;

const runIdPattern =
  /^[a-z](?:-?[a-z0-9])*-(backup|restore|delete|copy|sweep|verify)-\d{8}-\d{6}(?:-[2-9]\d*|-1\d+)?$/;
/** Id of a run: `retail-prd-backup-20251109-143000`, with a suffix `-2`, `-3`, … where two were asked for in one second. */
export const runIdSchema = z
  .string()
  .max(80)
  .regex(runIdPattern, 'is not the id of a backup, restore, deletion, copy, sweep or verification');
export const backupIdSchema = runIdSchema.regex(/-backup-\d{8}-\d{6}(?:-\d+)?$/, 'is not the id of a backup');

/** `20251109-143000` from an RFC 3339 time; UTC, seconds. */
export function idTime(requestedAt: string): string {
  const iso = new Date(requestedAt).toISOString();
  return `${iso.slice(0, 4)}${iso.slice(5, 7)}${iso.slice(8, 10)}-${iso.slice(11, 13)}${iso.slice(14, 16)}${iso.slice(17, 19)}`;
}

/**
 * The id that a request gets, by the time of the request (UTC). Whoever reserves it resolves a conflict by
 * `ordinal` 2, 3, …, and keeps what it reserved under the request's id, so that a repeated request gets the same one.
 */
export function runId(ref: EnvironmentRef, kind: RunKind, requestedAt: string, ordinal = 1): string {
  const suffix = ordinal === 1 ? '' : `-${ordinal}`;
  return `${ref.projectId}-${ref.environment}-${kind}-${idTime(requestedAt)}${suffix}`;
}

/**
 * Short hash that keeps names at a provider apart for `a-b`/`c` and `a`/`b-c`, whose ids read the same.
 * Eight hexadecimal digits of SHA-256 over `project/environment`.
 */
export function environmentHash(ref: EnvironmentRef): string {
  return createHash('sha256').update(`${ref.projectId}/${ref.environment}`).digest('hex').slice(0, 8);
}
