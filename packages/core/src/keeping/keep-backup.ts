import { EnvironmentBusyError, InvalidRequestError, NotFoundError } from '../errors/errors.ts';
import type { AuditEvent } from '../model/audit-entry.ts';
import type { Backup } from '../model/run.ts';
import type { ProjectCatalog } from '../ports/catalog.ts';
import type { Clock } from '../ports/clock.ts';
import type { ObjectStore } from '../ports/object-store.ts';
import type { Signer, TrustedKey } from '../ports/signer.ts';
import { manifestKey } from '../repository/layout.ts';
import { type RecordBody, writeRecord } from '../repository/record.ts';
import { readStanding } from './read-standing.ts';

/** What pinning and undeleting need: the catalog for who may when, the backup location for the word that lasts. */
export interface Keeping {
  readonly project: ProjectCatalog;
  readonly store: ObjectStore;
  readonly signer: Signer;
  readonly trustedKeys: () => Promise<readonly TrustedKey[]>;
  readonly clock: Clock;
  /** Who. */
  readonly actor: string;
  readonly correlationId: string;
}

/**
 * Pins a backup: nobody deletes it until it is unpinned. The catalog first, because a deletion looks there; a process
 * that dies before the record is written leaves the backup pinned, and calling again writes it. Safe to repeat.
 */
export async function pinBackup(
  keeping: Keeping,
  backup: Backup,
  reason: string | undefined,
): Promise<Backup> {
  refuseUnsealed(backup);
  if (backup.deletedAt !== undefined) {
    throw new InvalidRequestError(
      `${backup.runId} is deleted. Take that back first: lcb backup undelete ${backup.runId}`,
      'backup.deleted',
    );
  }
  const pin = reason === undefined ? {} : { reason };
  const pinned = await keeping.project.setPinned(
    backup.runId,
    pin,
    eventOf(keeping, backup, 'backup.pinned', reason),
  );
  await record(keeping, backup, ({ pinned: known }) => known === undefined, { type: 'pinned', ...pin });
  return pinned;
}

/** Safe to repeat. */
export async function unpinBackup(keeping: Keeping, backup: Backup): Promise<Backup> {
  refuseUnsealed(backup);
  const unpinned = await keeping.project.setPinned(
    backup.runId,
    null,
    eventOf(keeping, backup, 'backup.unpinned'),
  );
  await record(keeping, backup, ({ pinned }) => pinned !== undefined, { type: 'unpinned' });
  return unpinned;
}

/** A sweep begins at the end of the grace. What is undeleted before must be on record by then, and clocks differ a little. */
const lastMomentMilliseconds = 60_000;

/**
 * Takes a deletion back while its time of grace lasts. The record first: a catalog that calls a backup kept which its
 * records call deleted would see it swept. Safe to repeat.
 */
export async function undeleteBackup(keeping: Keeping, backup: Backup): Promise<Backup> {
  refuseUnsealed(backup);
  await refuseWhileDeleting(keeping.project, backup);
  const { store, trustedKeys, clock } = keeping;
  const ref = { projectId: backup.projectId, environment: backup.environment };
  const refuseGone = async () => {
    if ((await store.head(manifestKey(ref, backup.runId))) === undefined)
      throw new NotFoundError(`${backup.runId} is gone: its manifest is not there any more.`, 'backup.gone');
  };
  const { standing } = await readStanding(store, ref, backup.runId, await trustedKeys());
  const { deletedAt = standing.deleted?.at, deletedUntil = standing.deleted?.until } = backup;
  const isOver =
    deletedUntil !== undefined && Date.parse(deletedUntil) - lastMomentMilliseconds < Date.parse(clock.now());
  if (deletedAt !== undefined && isOver) {
    throw new InvalidRequestError(
      `${backup.runId} was deleted on ${deletedAt} and could be undeleted until ${deletedUntil}. Its bytes may be gone.`,
      'backup.graceOver',
    );
  }
  // Before, since a record that keeps what is gone would be taken for damage by every later sweep; and after, for one that was faster.
  await refuseGone();
  await record(keeping, backup, ({ deleted }) => deleted !== undefined, { type: 'undeleted' });
  await refuseGone();
  return keeping.project.setUndeleted(backup.runId, eventOf(keeping, backup, 'backup.undeleted'));
}

function refuseUnsealed({ runId, sealed }: Backup): void {
  if (sealed === undefined) {
    throw new InvalidRequestError(`${runId} was never sealed; there is nothing to keep.`, 'backup.unsealed');
  }
}

async function refuseWhileDeleting(project: ProjectCatalog, { runId, environment }: Backup): Promise<void> {
  for (const kind of ['delete', 'sweep'] as const) {
    const states = ['Pending', 'InProgress', 'Validating'] as const;
    const { runs } = await project.runs({ kind, environment, states, limit: 100 });
    const open = runs.find(
      (run) => run.kind === 'sweep' || (run.kind === 'delete' && run.request.backupId === runId),
    );
    if (open === undefined) continue;
    const what = open.kind === 'sweep' ? `The sweep ${open.runId}` : `The deletion ${open.runId} of ${runId}`;
    throw new EnvironmentBusyError(`${what} is not over. Wait for its end.`);
  }
}

type Body = RecordBody extends infer Each
  ? Each extends { readonly backupId: string }
    ? Omit<Each, 'at' | 'actor' | 'backupId'>
    : never
  : never;

/** Writes a record where the records do not say it yet. It must sort behind what it changes, whatever the clock says. */
async function record(
  keeping: Keeping,
  backup: Backup,
  isNeeded: (standing: Awaited<ReturnType<typeof readStanding>>['standing']) => boolean,
  body: Body,
): Promise<void> {
  const { store, signer, clock, actor, correlationId } = keeping;
  const { projectId, environment, runId } = backup;
  const ref = { projectId, environment };
  const { standing, lastRecordAt } = await readStanding(store, ref, runId, await keeping.trustedKeys());
  if (!isNeeded(standing)) return;
  const now = Date.parse(clock.now());
  const at = new Date(Math.max(now, lastRecordAt === undefined ? now : Date.parse(lastRecordAt) + 1));
  await writeRecord(store, signer, clock, ref, `${body.type}-${correlationId}`, {
    ...body,
    at: at.toISOString(),
    actor,
    backupId: runId,
  });
}

function eventOf(
  { actor, correlationId, clock }: Keeping,
  { runId }: Backup,
  action: string,
  reason?: string,
): AuditEvent {
  return {
    actor,
    action,
    subject: runId,
    result: 'succeeded',
    at: clock.now(),
    correlationId,
    ...(reason === undefined ? {} : { details: { reason } }),
  };
}
