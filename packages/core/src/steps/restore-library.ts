import { InvalidRequestError } from '../errors/errors.ts';
import { readIndex } from '../library/base.ts';
import { planLibraryRestore } from '../library/plan-restore.ts';
import { refuseFull } from '../library/refuse-full.ts';
import { selectKeys } from '../library/selection/select-keys.ts';
import { isByRows } from '../library/wanted-rows.ts';
import type { ShardProgress } from '../ports/backup-provider.ts';
import type { Artefact } from '../ports/database-engine.ts';
import { writeJsonArtefact } from '../repository/json-artefact.ts';
import { writeJsonLines } from '../repository/json-lines.ts';
import { environmentPrefix, restoreFolder } from '../repository/layout.ts';
import type { RestorePlan } from '../repository/restore-plan.ts';
import type { PlannedShards } from '../workflow/copy-shards.ts';
import { othersOf } from './restore-others.ts';
import { libraryOf } from './restore-places.ts';
import { refuseKeys } from './restore-refusals/refused-keys.ts';
import { recordWriting } from './restore-rollback.ts';
import { safetyIndexOf } from './restore-safety.ts';
import { libraryReader, readRestorePlan, wantedNow } from './restore-selection.ts';
import { openSource, type RestoreInput, type RestoreSource } from './restore-source.ts';
import { projectOf, type StepContext } from './step-context.ts';
import { type ShardPlace, unitProgress } from './unit-progress.ts';

/** Works out what has to be copied and what to be removed, and writes it down beside the backups. */
export async function planRestoredLibrary(
  input: RestoreInput,
  context: StepContext,
): Promise<PlannedShards & { plan: Artefact }> {
  const source = await openSource(input, context);
  const { backup, manifest, restore } = source;
  const store = context.provider.objectStore(backup.location);
  const prefix = environmentPrefix(backup);
  const folder = restoreFolder(input.runId) + (input.rollback ? 'rollback/' : '');
  // Of the backup that was asked for, also on the way back: that says what was about to be written.
  const asked = await openSource({ ...input, rollback: false }, context);
  const selection = await writeSelection(asked, folder, context);
  if (selection !== undefined && !input.rollback) await refuseKeys(source, context, selection);
  const totals = await planLibraryRestore({
    index: readIndex(store, backup, manifest),
    wanted: await wantedNow(source, input, selection, context),
    target: context.provider.objectStore(libraryOf(source.restore)),
    isOther: othersOf(source, input),
    safety: await safetyIndexOf(source, input, context),
    backups: store,
    prefix,
    folder,
    limits: context.shardLimits,
    signal: context.signal,
  });
  if (!input.rollback) refuseNothing(source, totals);
  // On the way back there is no choice, and what is removed or written over gives its room back.
  if (!input.rollback)
    await refuseFull(context.provider.objectStore(libraryOf(source.restore)), totals.copyBytes);
  const plan: RestorePlan = { ...totals, ...(selection === undefined ? {} : { selection }) };
  const artefact = await writeJsonArtefact(store, prefix, `${folder}plan.json`, plan);
  const project = projectOf(context, input);
  await project.setUnit(context.lease, 'documentLibrary', {
    objects: plan.objects,
    bytes: plan.bytes,
    progress: 0,
  });
  if (plan.copyObjects + plan.removeObjects > 0) await recordWriting(input, 'documentLibrary', context);
  if (!input.rollback) {
    await project.addResult(context.lease, {
      ...(plan.notInBackup.count === 0 ? {} : { notInBackup: plan.notInBackup }),
      ...(restore.request.mode === 'inPlace' ? { removedObjects: plan.removeObjects } : {}),
    });
  }
  return { plan: artefact, shards: plan.shards.length, shardsAtOnce: context.shardsAtOnce };
}

/**
 * A selection that names nothing was mistyped. A swap for a library without objects would leave the environment without its
 * own, and where names change places there would be nothing to change places with.
 */
export function refuseNothing({ restore }: RestoreSource, { objects }: Pick<RestorePlan, 'objects'>): void {
  const { selection, mode, backupId } = restore.request;
  if (objects > 0) return;
  if (selection !== undefined) {
    throw new InvalidRequestError(
      `${backupId} has none of the objects that the selection names.`,
      'restore.selectionEmpty',
    );
  }
  if (mode === 'swap') {
    throw new InvalidRequestError(
      `The library of ${backupId} has no objects: there is nothing to swap for. Restore in place, or only the database.`,
      'restore.emptySwap',
    );
  }
}

/** Folders and files are looked up once; all later steps go by the keys that were found. */
async function writeSelection(
  source: RestoreSource,
  folder: string,
  { provider, signal }: StepContext,
): Promise<Artefact | undefined> {
  const { restore, backup } = source;
  const { selection } = restore.request;
  if (selection === undefined || !isByRows(selection)) return undefined;
  const store = provider.objectStore(backup.location);
  const keys = selectKeys(selection, await libraryReader(source, store));
  return writeJsonLines(store, environmentPrefix(backup), `${folder}selection.jsonl.zst`, keys, signal);
}

/** Copies the objects of one shard of the plan to the target. */
export async function copyRestoredShard(
  input: RestoreInput & ShardPlace & { readonly plan: Artefact; readonly cursor: number },
  context: StepContext,
): Promise<ShardProgress> {
  const source = await openSource(input, context);
  const { copyBytes } = await readRestorePlan(source, input.plan, context);
  return context.provider.restoreObjectStorage(
    {
      runId: input.runId,
      backup: source.backup,
      target: libraryOf(source.restore),
      plan: input.plan,
      shard: input.shard,
      cursor: input.cursor,
    },
    {
      signal: context.signal,
      isTimeOver: context.isTimeOver,
      onCopied: unitProgress(context, input, 'documentLibrary', copyBytes, input),
    },
  );
}
