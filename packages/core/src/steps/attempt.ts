import type { Backup } from '../model/run.ts';
import type { AttemptRef } from '../ports/backup-provider.ts';

/** Where an attempt of this backup writes. */
export function attemptOf(backup: Backup, attempt: number): AttemptRef {
  const { projectId, environment, source } = backup.request;
  return { projectId, environment, backupId: backup.runId, attempt, location: source.backups.location };
}
