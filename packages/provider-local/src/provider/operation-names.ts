import { maxAttempts, type OperationHandle } from '@lcb/core';

const scheme = 'job:';

/** What a run has jobs for; part of their names. A restore in place that fails loads once more, to roll back. */
const purposes = ['dump', 'load', 'rollback', 'rows', 'scripts', 'import'] as const;
export type JobPurpose = (typeof purposes)[number];

/** Name of the job of one attempt of a run. */
export function jobName(purpose: JobPurpose, runId: string, attempt: number): string {
  return `${runId}-${purpose}-${attempt}`;
}

export function operationOf(job: string): OperationHandle {
  return { operationId: scheme + job };
}

/** `undefined` for a handle that is not of this provider. */
export function jobOf({ operationId }: OperationHandle): string | undefined {
  return operationId.startsWith(scheme) ? operationId.slice(scheme.length) : undefined;
}

/** Every job that a run can have started. */
export function jobsOf(runId: string): readonly string[] {
  const attempts = Array.from({ length: maxAttempts }, (_, index) => index + 1);
  return purposes.flatMap((purpose) => attempts.map((attempt) => jobName(purpose, runId, attempt)));
}
