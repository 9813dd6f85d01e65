import type { Backup, VerifyRun } from '@lcb/core';
import type { LocalService } from '@lcb/functions-local';

/** The verifications by restore of a backup that are at work, and the last one that ended without a word on it. */
export async function verificationsOf(
  { catalog }: LocalService,
  backup: Backup,
): Promise<readonly VerifyRun[]> {
  const project = catalog.forProject(backup.projectId);
  const { runs } = await project.runs({
    kind: 'verify',
    environment: backup.environment,
    from: backup.requestedAt,
    limit: 1000,
  });
  const own = runs.flatMap((run) =>
    run.kind === 'verify' && run.request.backupId === backup.runId ? [run] : [],
  );
  const [newest] = own;
  return own.filter((run) => run.completedAt === undefined || (run === newest && !run.result?.verified));
}
