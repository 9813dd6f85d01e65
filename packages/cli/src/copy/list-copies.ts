import type { Backup, Copy } from '@lcb/core';
import type { LocalService } from '@lcb/functions-local';

/** The copies of a backup that were asked for, newest first, however they ended. */
export async function copiesOf({ catalog }: LocalService, backup: Backup): Promise<readonly Copy[]> {
  const project = catalog.forProject(backup.projectId);
  const copies: Copy[] = [];
  let pageToken: string | undefined;
  do {
    const token = pageToken === undefined ? {} : { pageToken };
    const page = await project.runs({
      kind: 'copy',
      environment: backup.environment,
      from: backup.requestedAt,
      limit: 1000,
      ...token,
    });
    for (const run of page.runs)
      if (run.kind === 'copy' && run.request.backupId === backup.runId) copies.push(run);
    pageToken = page.nextPageToken;
  } while (pageToken !== undefined);
  return copies;
}
