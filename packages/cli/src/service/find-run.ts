import { type Backup, type Copy, NotFoundError, type Restore, type Run, type VerifyRun } from '@lcb/core';
import type { LocalService } from '@lcb/functions-local';
import type { LocalSettings } from '@lcb/functions-local/settings';
import { parseRunId } from '../cli/parse-id.ts';
import { unique } from '../config/select-environment.ts';

/** @throws NotFoundError */
export async function findBackup(
  service: LocalService,
  settings: LocalSettings,
  id: string,
): Promise<Backup> {
  const run = await findRun(service, settings, parseRunId('backup', id));
  if (run?.kind === 'backup') return run;
  throw new NotFoundError(
    `There is no backup ${id} in the catalog. \`lcb backup list\` shows those that there are.`,
  );
}

/** @throws NotFoundError */
export async function findRestore(
  service: LocalService,
  settings: LocalSettings,
  id: string,
): Promise<Restore> {
  const run = await findRun(service, settings, parseRunId('restore', id));
  if (run?.kind === 'restore') return run;
  throw new NotFoundError(
    `There is no restore ${id} in the catalog. \`lcb restore list\` shows those that there are.`,
  );
}

/** @throws NotFoundError */
export async function findCopy(service: LocalService, settings: LocalSettings, id: string): Promise<Copy> {
  const run = await findRun(service, settings, id);
  if (run?.kind === 'copy') return run;
  throw new NotFoundError(
    `There is no copy ${id} in the catalog. \`lcb backup show\` names the copies of a backup.`,
  );
}

/** @throws NotFoundError */
export async function findVerification(
  service: LocalService,
  settings: LocalSettings,
  id: string,
): Promise<VerifyRun> {
  const run = await findRun(service, settings, id);
  if (run?.kind === 'verify') return run;
  throw new NotFoundError(
    `There is no verification ${id} in the catalog. \`lcb backup show\` names those of a backup that are at work.`,
  );
}

/** An id begins with its project's name, which may itself be the beginning of another's: each that fits is asked. */
async function findRun(
  service: LocalService,
  { environments }: LocalSettings,
  id: string,
): Promise<Run | undefined> {
  for (const project of unique(environments.map(({ projectId }) => projectId))) {
    if (!id.startsWith(`${project}-`)) continue;
    const run = await service.catalog.forProject(project).run(id);
    if (run !== undefined) return run;
  }
  return undefined;
}
