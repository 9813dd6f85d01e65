import { maxAttempts, type OperationHandle } from '@lcb/core';

const scheme = 'job:';

/** Name of the dump job of one attempt of a backup; of the load job of one try of a restore. */
export function jobName(kind: 'dump' | 'load', runId: string, attempt: number): string {
  return `${runId}-${kind}-${attempt}`;
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
  const names: string[] = [];
  for (let attempt = 1; attempt <= maxAttempts; attempt += 1) {
    names.push(jobName('dump', runId, attempt), jobName('load', runId, attempt));
  }
  return names;
}
