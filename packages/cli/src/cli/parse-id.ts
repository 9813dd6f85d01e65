import { backupIdSchema, type RunKind, runIdSchema } from '@lcb/core';
import { UsageError } from '../usage-error.ts';

export function isCopyId(id: string): boolean {
  return runIdSchema.regex(/-copy-\d{8}-\d{6}/).safeParse(id).success;
}

export function isVerificationId(id: string): boolean {
  return runIdSchema.regex(/-verify-\d{8}-\d{6}/).safeParse(id).success;
}

/** Checks the form of an id before anything is looked up by it. */
export function parseRunId(kind: Extract<RunKind, 'backup' | 'restore'>, id: string): string {
  const valid =
    kind === 'backup'
      ? backupIdSchema.safeParse(id)
      : runIdSchema.regex(/-restore-\d{8}-\d{6}/).safeParse(id);
  if (valid.success) return id;
  throw new UsageError(
    `${JSON.stringify(id)} is not the id of a ${kind}. Such an id looks like retail-prd-${kind}-20251109-143000; \`lcb ${kind} list\` shows them.`,
  );
}
