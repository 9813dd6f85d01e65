import { IntegrityError, InvalidRequestError, ObjectNotFoundError } from '../errors/errors.ts';
import { errorMessage } from '../errors/lcb-error.ts';
import { foldIndex } from '../library/fold-index.ts';
import { knownDamage } from '../library/known-damage.ts';
import { type PlanTotals, planLibraryBackup } from '../library/plan-backup.ts';
import { refuseFull } from '../library/refuse-full.ts';
import type { Backup, BackupRequest } from '../model/run.ts';
import type { ShardProgress } from '../ports/backup-provider.ts';
import type { ObjectStore } from '../ports/object-store.ts';
import { readJson, writeJsonArtefact } from '../repository/json-artefact.ts';
import { backupPrefix, libraryPlanPath } from '../repository/layout.ts';
import { type LibraryPlan, libraryPlanSchema } from '../repository/library-index.ts';
import type { Manifest } from '../repository/manifest.ts';
import { openManifest } from '../repository/open-manifest.ts';
import type { PlannedShards } from '../workflow/copy-shards.ts';
import type { WorkflowInput } from '../workflow/workflow-input.ts';
import { attemptOf } from './attempt.ts';
import { type LibraryMoment, libraryMoment } from './library-moment.ts';
import { describedSource } from './staged-upload.ts';
import { loadBackup, projectOf, type ReadServices, type StepContext } from './step-context.ts';
import { type ShardPlace, unitProgress } from './unit-progress.ts';

type InAttempt = WorkflowInput & { readonly attempt: number };

export function libraryOf(backup: Backup) {
  const { documentLibrary } = backup.request.source;
  if (documentLibrary === undefined)
    throw new InvalidRequestError('This environment has no document library.');
  return documentLibrary;
}

/** Lists the source, compares it with the base and cuts the work into shards. */
export async function planLibrary(
  input: InAttempt & { readonly exact: boolean },
  context: StepContext,
): Promise<PlannedShards> {
  const backup = await loadBackup(context, input);
  const library = libraryOf(backup);
  const attempt = attemptOf(backup, input.attempt);
  const { provider, clock } = context;
  const backups = provider.objectStore(attempt.location);
  const project = projectOf(context, input);
  await project.setUnit(context.lease, 'documentLibrary', { state: 'InProgress', startedAt: clock.now() });
  const chosen = await chooseBase(backup.request, backups, context);
  const listedFrom = clock.now();
  const source = provider.objectStore(library.location);
  const { excludeGeneratedFiles } = library;
  const exact = input.exact
    ? await libraryMoment(attempt, { source, excludesGeneratedFiles: excludeGeneratedFiles }, context)
    : undefined;
  const { base, totals } = await planAgainst(chosen, (manifest) =>
    planLibraryBackup({
      attempt,
      source,
      ...(exact === undefined ? {} : { objects: exact.objects() }),
      backups,
      base: manifest,
      excludeGeneratedFiles,
      limits: context.shardLimits,
      signal: context.signal,
    }),
  );
  await refuseFull(backups, totals.copyBytes);
  const plan: LibraryPlan = {
    source: describedSource(backup, library.location),
    base: base.manifest?.backupId ?? null,
    ...(base.refused === undefined ? {} : { baseRefused: base.refused }),
    listedFrom,
    listedTo: clock.now(),
    ...totals,
    ...(exact === undefined ? {} : { exact: exactMoment(exact) }),
  };
  await writeJsonArtefact(
    backups,
    backupPrefix(attempt, attempt.backupId),
    libraryPlanPath(input.attempt),
    plan,
  );
  await project.setUnit(context.lease, 'documentLibrary', {
    objects: plan.objects,
    bytes: plan.bytes,
    progress: 0,
  });
  return { shards: plan.shards, shardsAtOnce: context.shardsAtOnce };
}

function exactMoment({ moment, tally }: LibraryMoment): LibraryPlan['exact'] {
  const { lost: _lost, ...counts } = tally();
  return { moment, ...counts };
}

interface Base {
  readonly manifest?: Manifest;
  readonly refused?: string;
}

/** That the index of a base is damaged shows only while it is read: then everything is copied, and the plan is made anew. */
async function planAgainst(
  base: Base,
  plan: (manifest: Manifest | undefined) => Promise<PlanTotals>,
): Promise<{ readonly base: Base; readonly totals: PlanTotals }> {
  try {
    return { base, totals: await plan(base.manifest) };
  } catch (error) {
    const isDamage = error instanceof IntegrityError || error instanceof ObjectNotFoundError;
    if (base.manifest === undefined || !isDamage) throw error;
    const refused = `${base.manifest.backupId} can't be compared with: ${error.message}`;
    return { base: { refused }, totals: await plan(undefined) };
  }
}

/**
 * The newest good backup of the same library in the same location. One that can't be trusted is no base: the backup
 * then copies everything, and its plan says why.
 */
export async function chooseBase(
  request: BackupRequest,
  backups: ObjectStore,
  context: ReadServices,
): Promise<Base> {
  if (request.mode === 'full') return {};
  const project = projectOf(context, request);
  const latest = await project.latestBackup(request.environment, 'documentLibrary');
  if (latest?.sealed === undefined) return {};
  if (latest.request.source.backups.location !== request.source.backups.location) {
    return { refused: `${latest.runId} lies in another location: ${latest.request.source.backups.location}` };
  }
  try {
    const { value, sha256 } = await openManifest(backups, request, latest.runId, await context.trustedKeys());
    if (sha256 !== latest.sealed.manifestSha256) {
      return { refused: `the manifest of ${latest.runId} is not the one that was sealed` };
    }
    if (value.units.documentLibrary?.source !== request.source.documentLibrary?.location) {
      return { refused: `${latest.runId} is of another library: ${value.units.documentLibrary?.source}` };
    }
    const inherited = [latest.runId, ...(value.units.documentLibrary?.references ?? [])];
    const damaged = await knownDamage(backups, request, inherited, await context.trustedKeys());
    if (damaged !== undefined) return { refused: `${damaged} was verified and found damaged` };
    return { manifest: value };
  } catch (error) {
    return { refused: `${latest.runId} can't be opened: ${errorMessage(error)}` };
  }
}

/** Copies one shard, for as long as a step may last. */
export async function copyLibraryShard(
  input: InAttempt & ShardPlace & { readonly cursor: number },
  context: StepContext,
): Promise<ShardProgress> {
  const backup = await loadBackup(context, input);
  const attempt = attemptOf(backup, input.attempt);
  const { documentLibrary } = backup.units;
  return context.provider.createObjectStorageBackup(
    { attempt, source: libraryOf(backup).location, shard: input.shard, cursor: input.cursor },
    {
      signal: context.signal,
      isTimeOver: context.isTimeOver,
      onCopied: unitProgress(context, input, 'documentLibrary', documentLibrary?.bytes ?? 0, input),
    },
  );
}

/** Adds the shards up. */
export async function foldLibrary(
  input: InAttempt & { readonly shards: number },
  context: StepContext,
): Promise<{ objects: number }> {
  const backup = await loadBackup(context, input);
  const attempt = attemptOf(backup, input.attempt);
  const index = await foldIndex(context.provider.objectStore(attempt.location), attempt, input.shards);
  await projectOf(context, input).setUnit(context.lease, 'documentLibrary', {
    objects: index.objects,
    bytes: index.bytes,
    storedBytes: index.copiedBytes,
    progress: 100,
  });
  return { objects: index.objects };
}

/** What the plan step of this attempt found. */
export function readLibraryPlan(store: ObjectStore, backup: Backup, attempt: number): Promise<LibraryPlan> {
  const ref = attemptOf(backup, attempt);
  return readJson(store, backupPrefix(ref, ref.backupId) + libraryPlanPath(attempt), libraryPlanSchema);
}
