import { safetyRequestId } from '../dispatch/safety-backup.ts';
import { IntegrityError, NotFoundError } from '../errors/errors.ts';
import { LcbError } from '../errors/lcb-error.ts';
import type { Backup, Restore } from '../model/run.ts';
import type { AttemptRef } from '../ports/backup-provider.ts';
import type { Manifest } from '../repository/manifest.ts';
import { openManifest } from '../repository/open-manifest.ts';
import type { WorkflowInput } from '../workflow/workflow-input.ts';
import { loadRestore, projectOf, type ReadServices, type StepContext } from './step-context.ts';

export type RestoreInput = WorkflowInput & { readonly rollback: boolean };

/** What is restored: the backup that was asked for, or, on the way back, the safety backup. */
export interface RestoreSource {
  readonly restore: Restore;
  readonly manifest: Manifest;
  readonly backup: AttemptRef;
}

export async function openSource(input: RestoreInput, context: StepContext): Promise<RestoreSource> {
  const restore = await loadRestore(context, input);
  if (input.rollback) return openSafetyBackup(restore, context);
  const { projectId, backupId, backup } = restore.request;
  return openBackup(restore, { projectId, backupId, ...backup }, context);
}

type BackupPlace = Omit<AttemptRef, 'attempt'>;

/** Opens a backup to be restored. */
export async function openBackup(
  restore: Restore,
  place: BackupPlace,
  context: ReadServices,
): Promise<RestoreSource> {
  return { restore, ...(await openSealed(place, context)) };
}

/** Opens a backup: signature, identity, and that it is the very one that was sealed, and not deleted. */
export async function openSealed(
  place: BackupPlace,
  context: ReadServices,
): Promise<Pick<RestoreSource, 'manifest' | 'backup'>> {
  const { backupId, location } = place;
  const store = context.provider.objectStore(location);
  const { value: manifest, sha256 } = await openManifest(store, place, backupId, await context.trustedKeys());
  const known = await projectOf(context, place).run(backupId);
  if (known?.kind === 'backup' && known.request.source.backups.location !== location) {
    refuseStrangeCopy(manifest, known);
  } else if (known?.kind === 'backup') {
    if (known.deletedAt !== undefined) {
      throw new NotFoundError(`${backupId} was deleted on ${known.deletedAt}.`, 'backup.deleted');
    }
    if (known.sealed !== undefined && known.sealed.manifestSha256 !== sha256) {
      throw new IntegrityError(
        `The manifest of ${backupId} in ${location} is signed, but it is not the one that was sealed: another one was put in its place.`,
        'manifest.replaced',
      );
    }
  }
  return { manifest, backup: { ...place, attempt: manifest.attempt } };
}

/**
 * Read from elsewhere, it must be a copy of the very backup that was sealed. That one may have been deleted since: the copy
 * needs nothing of it.
 */
function refuseStrangeCopy({ copiedFrom, location, backupId }: Manifest, { sealed }: Backup): void {
  if (sealed === undefined || copiedFrom?.manifestSha256 === sealed.manifestSha256) return;
  throw new IntegrityError(
    `What ${location} holds under the id ${backupId} is signed, but it is no copy of the backup that was sealed.`,
    'manifest.replaced',
  );
}

async function openSafetyBackup(restore: Restore, context: StepContext): Promise<RestoreSource> {
  const { runId: backupId, request } = await safetyBackupOf(restore, context);
  const { projectId, environment, source } = request;
  return openBackup(
    restore,
    { projectId, environment, backupId, location: source.backups.location },
    context,
  );
}

/**
 * The backup that was taken before this restore, which must be whole: without it nothing is replaced.
 * @throws LcbError `restore.safetyBackupFailed`
 */
export async function safetyBackupOf(restore: Restore, context: StepContext): Promise<Backup> {
  const found = await projectOf(context, restore).runOfRequest(safetyRequestId(restore.request));
  if (found?.kind === 'backup' && found.state === 'Succeeded') return found;
  const what =
    found === undefined
      ? 'was never taken'
      : `${found.runId} is ${found.state}${found.error === undefined ? '' : `: ${found.error.message}`}`;
  throw new LcbError({
    code: 'restore.safetyBackupFailed',
    message: `The safety backup before the restore ${what} Nothing was replaced. Mend that and restore again, or restore without a safety backup.`,
  });
}
