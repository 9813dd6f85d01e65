import { InvalidRequestError } from '../errors/errors.ts';
import type { Backup, Run } from '../model/run.ts';
import { isFinal, stateSchema } from '../model/state.ts';
import type { ProjectCatalog } from '../ports/catalog.ts';
import { isHeld, type Standing } from '../repository/standing.ts';

export interface DeletionQuestion {
  readonly backup: Backup;
  readonly project: Pick<ProjectCatalog, 'runs'>;
  /** By the records beside the backup. */
  readonly standing: Standing;
  readonly evenIfBase: boolean;
  /** RFC 3339. */
  readonly now: string;
}

/** What stands against deleting a backup; empty where nothing does. */
export async function deletionObstacles(question: DeletionQuestion): Promise<InvalidRequestError[]> {
  const { backup, standing, evenIfBase, now } = question;
  const id = backup.runId;
  const obstacles: InvalidRequestError[] = [];
  const stand = (code: string, message: string) => obstacles.push(new InvalidRequestError(message, code));
  if (!isFinal(backup.state)) {
    stand('backup.running', `${id} is ${backup.state}; cancel it or wait for its end.`);
  } else if (backup.sealed === undefined) {
    stand('backup.unsealed', `${id} was never sealed; nothing of it is left to delete.`);
  }
  const pin = backup.pinned ?? standing.pinned;
  if (pin !== undefined) {
    const why = pin.reason === undefined ? '' : ` (${pin.reason})`;
    stand('backup.pinned', `${id} is pinned since ${pin.at}${why}. Unpin it first: lcb backup unpin ${id}`);
  }
  if (isHeld(standing, now)) {
    const until =
      standing.held?.until === undefined ? 'until it is released' : `until ${standing.held.until}`;
    stand('backup.held', `${id} is on hold ${until}.`);
  }
  const reader = await firstReading(question);
  if (reader !== undefined) {
    stand('backup.beingRestored', `${id} is needed by the ${reader.kind} ${reader.runId}; wait for its end.`);
  }
  const built = evenIfBase ? undefined : await firstBuiltOn(question);
  if (built !== undefined) {
    stand(
      'backup.isBase',
      `${id} is the base of ${built}, which is kept. Its bytes stay as long as that one needs them; to delete it all the same, say --even-if-base.`,
    );
  }
  return obstacles;
}

/** A kept backup of which this one is the base. */
async function firstBuiltOn({ backup, project }: DeletionQuestion): Promise<string | undefined> {
  let pageToken: string | undefined;
  do {
    const page = await project.runs({
      kind: 'backup',
      environment: backup.environment,
      limit: 100,
      ...(pageToken === undefined ? {} : { pageToken }),
    });
    for (const run of page.runs) {
      if (run.kind !== 'backup' || run.deletedAt !== undefined) continue;
      if (run.sealed?.base === backup.runId) return run.runId;
    }
    pageToken = page.nextPageToken;
  } while (pageToken !== undefined);
  return undefined;
}

/** A restore, a copy or a verification at work that reads the backup, or that would go back to it. */
async function firstReading({ backup, project }: DeletionQuestion): Promise<Run | undefined> {
  const states = stateSchema.options.filter((state) => !isFinal(state));
  for (const kind of ['restore', 'copy', 'verify'] as const) {
    const { runs } = await project.runs({ kind, states, limit: 1000 });
    const reading = runs.find(
      (run) =>
        (run.kind === 'restore' &&
          (run.request.backupId === backup.runId || run.result?.safetyBackupId === backup.runId)) ||
        ((run.kind === 'copy' || run.kind === 'verify') && run.request.backupId === backup.runId),
    );
    if (reading !== undefined) return reading;
  }
  return undefined;
}
