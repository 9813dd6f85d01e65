import { sealedMisfitOf } from '../consistency/sealed-misfit.ts';
import { IntegrityError } from '../errors/errors.ts';
import type { ErrorRecord } from '../errors/lcb-error.ts';
import { readIndex } from '../library/base.ts';
import { mayHaveStrayCopies } from '../library/stray-copies.ts';
import { removeFolder, removeLeftovers, removeOtherArtefacts } from '../library/sweep-attempts.ts';
import type { Backup } from '../model/run.ts';
import type { Unit, UnitStatus } from '../model/unit.ts';
import type { RunOutcome } from '../ports/catalog.ts';
import type { ObjectStore } from '../ports/object-store.ts';
import { artefactsOf } from '../repository/artefacts.ts';
import { readJsonArtefact, verifyArtefact } from '../repository/json-artefact.ts';
import { backupPrefix } from '../repository/layout.ts';
import { libraryIndexSchema } from '../repository/library-index.ts';
import type { Manifest } from '../repository/manifest.ts';
import { findManifest } from '../repository/open-manifest.ts';
import type { VerifiedDocument } from '../repository/signed-document.ts';
import { maxAttempts } from '../workflow/backup.ts';
import type { WorkflowInput } from '../workflow/workflow-input.ts';
import { attemptOf } from './attempt.ts';
import { discardUpload } from './backup-import.ts';
import { recordSeal } from './backup-seal.ts';
import { damagedUnits } from './damaged-units.ts';
import { type FinalState, finishRun } from './finish-run.ts';
import { failedAtEnd, isDamage, refusalOf, withLeft } from './refusal.ts';
import { removeSearchSnapshots } from './remove-search-snapshots.ts';
import { resumeAtLast } from './resume-environment.ts';
import { loadBackup, projectOf, type StepContext } from './step-context.ts';

type Input = WorkflowInput & { readonly outcome: RunOutcome };

/**
 * Ends the backup, however it went: what still runs is stopped, what is not part of a sealed backup is removed, and the
 * catalog says what is true. The truth is the manifest: a backup that was sealed before the run was cut off is good.
 */
export async function finishBackup(input: Input, context: StepContext): Promise<{ state: FinalState }> {
  const backup = await loadBackup(context, input);
  const { projectId, environment, source } = backup.request;
  const { location } = source.backups;
  const settle = async () => {
    // First of all: people wait for their environment.
    const readOnly = await resumeAtLast(backup, context);
    const store = context.provider.objectStore(location);
    const settled = await settleBackup(backup, input, store, context);
    const kept = await refusalOf(() => discardUpload(input, context), context);
    const outcome = withLeft(
      settled,
      kept && `What was staged of the upload could not be removed: ${kept.message}`,
    );
    return readOnly === undefined ? outcome : stillQuiesced(outcome, readOnly);
  };
  return finishRun({ run: backup, anchor: { projectId, environment, location }, settle }, context);
}

/** Good or not, a backup that leaves its environment read-only has failed; what else went wrong is said, too. */
function stillQuiesced(outcome: RunOutcome, error: ErrorRecord): RunOutcome {
  const other = outcome.state === 'Failed' && outcome.error.code !== error.code ? outcome.error.message : '';
  return { state: 'Failed', error: { ...error, message: `${error.message} ${other}`.trim() } };
}

async function settleBackup(
  backup: Backup,
  input: Input,
  store: ObjectStore,
  context: StepContext,
): Promise<RunOutcome> {
  const { request } = backup;
  await context.provider.stopOperations(backup.runId);
  let sealed: VerifiedDocument<Manifest> | undefined;
  try {
    sealed = await findManifest(store, request, backup.runId, await context.trustedKeys());
  } catch (error) {
    if (!(error instanceof IntegrityError)) throw error;
    // Something is there that is not ours. Nothing is removed: somebody has to look at it.
    const outcome: RunOutcome = { state: 'Failed', error: error.toRecord() };
    await settleUnits(backup, { outcome }, context);
    return outcome;
  }
  const truth =
    sealed === undefined
      ? await settleUnsealed(backup, input.outcome, context)
      : await settleSealed(input, { sealed, store }, context);
  const left = await removeSearchSnapshots(backup, sealed?.value, context);
  const outcome = withLeft(truth.outcome, left);
  await settleUnits(backup, { ...truth, outcome }, context);
  return outcome;
}

interface Truth {
  readonly outcome: RunOutcome;
  readonly manifest?: Manifest;
  /** Units in the manifest that can't be restored all the same. */
  readonly damaged?: ReadonlySet<Unit>;
}

async function settleUnsealed(backup: Backup, ended: RunOutcome, context: StepContext): Promise<Truth> {
  const refusal = await refusalOf(() => removeAttempts(backup, context), context);
  const outcome = ended.state === 'Succeeded' ? manifestGone : ended;
  if (refusal === undefined) return { outcome };
  const words = `What the backup has written could not be removed and may be there still: ${refusal.message}`;
  return { outcome: failedAtEnd(outcome, refusal, words) };
}

/** Removes what does not belong to it. Where a list is damaged, nobody knows what does, and nothing is removed. */
async function settleSealed(
  input: Input,
  { sealed, store }: { readonly sealed: VerifiedDocument<Manifest>; readonly store: ObjectStore },
  context: StepContext,
): Promise<Truth> {
  const { value: manifest } = sealed;
  await recordSeal(input, context, sealed);
  let misfit: ErrorRecord | undefined;
  const refusal = await refusalOf(async () => {
    misfit = await sealedMisfitOf(store, manifest);
    await removeWhatIsLeft(store, manifest);
  }, context);
  const outcome = outcomeOf(input.outcome, manifest, misfit);
  if (refusal === undefined) return { outcome, manifest };
  if (!isDamage(refusal)) {
    const left = `What does not belong to the backup could not be removed: ${refusal.message}`;
    return { outcome: withLeft(outcome, left), manifest };
  }
  const damaged = await damagedUnits(store, manifest);
  const words = `It was sealed and is damaged: ${refusal.message} Nothing was removed. lcb verify says what is wrong.`;
  return { outcome: failedAtEnd(outcome, refusal, words), manifest, damaged };
}

async function removeWhatIsLeft(store: ObjectStore, manifest: Manifest): Promise<void> {
  const { backupId, units } = manifest;
  const keep = new Set((await artefactsOf(store, manifest)).map(({ path }) => path));
  if (await mayHaveStrayCopies(store, manifest)) {
    await removeLeftovers(store, manifest, backupId, keep, readIndex(store, manifest, manifest));
    return;
  }
  // Its rows tell nothing here, but they alone tell where the copies are: a backup ends well only if they are whole.
  const prefix = backupPrefix(manifest, backupId);
  const index =
    units.documentLibrary &&
    (await readJsonArtefact(store, prefix, units.documentLibrary.index, libraryIndexSchema));
  for (const part of index?.parts ?? []) await verifyArtefact(store, prefix, part);
  await removeOtherArtefacts(store, manifest, backupId, keep);
}

/** A backup that was never sealed leaves nothing: neither at the provider nor in the bucket. */
async function removeAttempts(backup: Backup, { provider }: StepContext): Promise<void> {
  for (let number = 1; number <= maxAttempts; number += 1) {
    const attempt = attemptOf(backup, number);
    await provider.deleteDatabaseBackup(attempt);
    await provider.deleteObjectStorageBackup(attempt);
  }
  const { location } = backup.request.source.backups;
  await removeFolder(provider.objectStore(location), backupPrefix(backup.request, backup.runId));
}

const manifestGone: RunOutcome = {
  state: 'Failed',
  error: {
    code: 'manifest.missing',
    message: 'The backup was to be complete, but there is no manifest. Look for somebody who removed it.',
    retryable: false,
  },
};

/** How a sealed backup ended, whatever its run says. */
function outcomeOf(outcome: RunOutcome, manifest: Manifest, misfit: ErrorRecord | undefined): RunOutcome {
  if (manifest.failedUnits.length === 0) {
    return misfit === undefined ? { state: 'Succeeded' } : { state: 'Failed', error: misfit };
  }
  if (outcome.state === 'Failed') return outcome;
  const [first] = manifest.failedUnits;
  return {
    state: 'Failed',
    error: first?.error ?? { code: 'internal', message: 'A unit failed.', retryable: false },
  };
}

async function settleUnits(
  backup: Backup,
  { outcome, manifest, damaged }: Truth,
  context: StepContext,
): Promise<void> {
  const project = projectOf(context, backup);
  const completedAt = context.clock.now();
  for (const unit of backup.request.units) {
    const usable = manifest?.units[unit] !== undefined && !damaged?.has(unit);
    const failure = manifest?.failedUnits.find((failed) => failed.unit === unit)?.error;
    const error = failure ?? (outcome.state === 'Failed' ? outcome.error : undefined);
    const status: Partial<UnitStatus> = usable
      ? { state: 'Succeeded', usable: true, completedAt }
      : {
          state: outcome.state === 'Cancelled' ? 'Cancelled' : 'Failed',
          usable: false,
          completedAt,
          ...(error ? { error } : {}),
        };
    await project.setUnit(context.lease, unit, status);
  }
}
