import { InvalidRequestError } from '../errors/errors.ts';
import { readIndex } from '../library/base.ts';
import { isGeneratedFile } from '../library/generated-files.ts';
import { joinSorted, strictlySorted } from '../library/merge-sorted.ts';
import { planLibraryRestore } from '../library/plan-restore.ts';
import { refuseFull } from '../library/refuse-full.ts';
import { selectKeys } from '../library/selection/select-keys.ts';
import { isByRows, wantedRows } from '../library/wanted-rows.ts';
import type { ShardProgress } from '../ports/backup-provider.ts';
import type { Artefact } from '../ports/database-engine.ts';
import type { ObjectRef, ObjectStore } from '../ports/object-store.ts';
import { writeJsonArtefact } from '../repository/json-artefact.ts';
import { writeJsonLines } from '../repository/json-lines.ts';
import { environmentPrefix, restoreFolder } from '../repository/layout.ts';
import type { RestorePlan } from '../repository/restore-plan.ts';
import { placesOf } from './restore-places.ts';
import { refuseKeys } from './restore-refusals/refused-keys.ts';
import { recordWriting } from './restore-rollback.ts';
import {
  lacksGeneratedFiles,
  libraryReader,
  readRestorePlan,
  rowsToRestore,
  wantedNow,
} from './restore-selection.ts';
import { openSource, type RestoreInput, type RestoreSource } from './restore-source.ts';
import { projectOf, type StepContext } from './step-context.ts';
import { type ShardPlace, unitProgress } from './unit-progress.ts';

/** Works out what has to be copied and what to be removed, and writes it down beside the backups. */
export async function planRestoredLibrary(
  input: RestoreInput,
  context: StepContext,
): Promise<{ plan: Artefact; shards: number }> {
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
    target: context.provider.objectStore(libraryOf(source)),
    isOther: othersOf(source, input),
    backups: store,
    prefix,
    folder,
    limits: context.shardLimits,
    signal: context.signal,
  });
  // On the way back there is no choice, and what is removed or written over gives its room back.
  if (!input.rollback) await refuseFull(context.provider.objectStore(libraryOf(source)), totals.copyBytes);
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
  return { plan: artefact, shards: plan.shards.length };
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

/**
 * Which objects of the target do not belong there afterwards. Only where all of a library takes the place of another: a
 * part of it leaves the rest alone. Generated files that the backup lacks stay where the database, whose rows point at
 * them, is not restored with it.
 */
export function othersOf(source: RestoreSource, input: RestoreInput): (key: string) => boolean {
  const { mode, selection, units } = source.restore.request;
  if (mode !== 'inPlace' || selection !== undefined) return () => false;
  const keepsGenerated = !units.includes('database') && lacksGeneratedFiles(source, input);
  return (key) => !(keepsGenerated && isGeneratedFile(key));
}

function libraryOf({ restore }: RestoreSource): string {
  const { documentLibrary } = placesOf(restore);
  if (documentLibrary === undefined)
    throw new InvalidRequestError('The restore names no library to restore into.');
  return documentLibrary.location;
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
      target: libraryOf(source),
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

/**
 * Removes what the target holds and the restored library does not. It lists what is there now, so it may be cut off and
 * called again; what came meanwhile is removed, too.
 */
export async function removeOthers(
  input: RestoreInput & { readonly plan: Artefact },
  context: StepContext,
): Promise<{ removed: number; isDone: boolean }> {
  const source = await openSource(input, context);
  if (source.restore.request.mode !== 'inPlace') return { removed: 0, isDone: true };
  const plan = await readRestorePlan(source, input.plan, context);
  const target = context.provider.objectStore(libraryOf(source));
  let removed = 0;
  let isDone = true;
  async function* others(): AsyncGenerator<ObjectRef> {
    for await (const key of otherKeys(source, input, plan, context)) {
      context.signal.throwIfAborted();
      if (removed > 0 && context.isTimeOver()) {
        isDone = false;
        return;
      }
      removed += 1;
      // Without a version: where the target keeps versions, the old ones stay.
      yield { key };
    }
  }
  await target.deleteMany(others());
  return { removed, isDone };
}

async function* otherKeys(
  source: RestoreSource,
  input: RestoreInput,
  plan: RestorePlan,
  context: StepContext,
): AsyncGenerator<string> {
  const target = context.provider.objectStore(libraryOf(source));
  if (source.restore.request.selection !== undefined) {
    // What a part of a library brought into a living one, and the safety backup does not have.
    if (input.rollback) yield* keysNotInSafetyBackup(source, input, plan, target, context);
    return;
  }
  const isOther = othersOf(source, input);
  const listing = strictlySorted(`the listing of ${target.location}`, target.list());
  for await (const { key, left } of joinSorted(rowsToRestore(source, input, plan, context), listing)) {
    if (left === undefined && isOther(key)) yield key;
  }
}

async function* keysNotInSafetyBackup(
  source: RestoreSource,
  input: RestoreInput,
  plan: RestorePlan,
  target: ObjectStore,
  context: StepContext,
): AsyncGenerator<string> {
  const { backup, manifest } = source;
  const store = context.provider.objectStore(backup.location);
  const wanted = await wantedNow(source, input, plan.selection, context);
  for await (const { key, row } of wantedRows(readIndex(store, backup, manifest), wanted)) {
    if (row === undefined && (await target.head(key)) !== undefined) yield key;
  }
}
