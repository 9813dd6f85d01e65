import { inconsistency, sealedMisfit } from '../consistency/inconsistency.ts';
import { readCertificate } from '../consistency/read-certificate.ts';
import { IntegrityError } from '../errors/errors.ts';
import type { ErrorRecord } from '../errors/lcb-error.ts';
import { readIndex } from '../library/base.ts';
import { removeFolder, removeLeftovers } from '../library/sweep-attempts.ts';
import type { Backup } from '../model/run.ts';
import type { UnitStatus } from '../model/unit.ts';
import type { RunOutcome } from '../ports/catalog.ts';
import type { ObjectStore } from '../ports/object-store.ts';
import { artefactsOf } from '../repository/artefacts.ts';
import { backupPrefix } from '../repository/layout.ts';
import type { Manifest } from '../repository/manifest.ts';
import { findManifest } from '../repository/open-manifest.ts';
import type { VerifiedDocument } from '../repository/signed-document.ts';
import { maxAttempts } from '../workflow/backup.ts';
import type { WorkflowInput } from '../workflow/workflow-input.ts';
import { attemptOf } from './attempt.ts';
import { discardUpload } from './backup-import.ts';
import { recordSeal } from './backup-seal.ts';
import { type FinalState, finishRun } from './finish-run.ts';
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
    const outcome = await settleBackup(backup, input, context.provider.objectStore(location), context);
    await discardUpload(input, context);
    return outcome;
  };
  return finishRun({ run: backup, anchor: { projectId, environment, location }, settle }, context);
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
    await settleUnits(backup, outcome, undefined, context);
    return outcome;
  }
  if (sealed === undefined) {
    await removeAttempts(backup, context);
  } else {
    await recordSeal(input, context, sealed);
    const keep = new Set((await artefactsOf(store, sealed.value)).map(({ path }) => path));
    await removeLeftovers(store, request, backup.runId, keep, readIndex(store, request, sealed.value));
  }
  const misfit = sealed && (await misfitOf(store, sealed.value));
  const outcome = truth(input.outcome, sealed?.value, misfit);
  await settleUnits(backup, outcome, sealed?.value, context);
  return outcome;
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

/** What keeps a sealed pair from being one. */
async function misfitOf(store: ObjectStore, manifest: Manifest): Promise<ErrorRecord | undefined> {
  if (manifest.consistency.certificate?.verdict !== 'inconsistent') return undefined;
  const certificate = await readCertificate(store, manifest, manifest);
  const problem = certificate && inconsistency(certificate);
  return problem && sealedMisfit(problem);
}

function truth(
  outcome: RunOutcome,
  manifest: Manifest | undefined,
  misfit: ErrorRecord | undefined,
): RunOutcome {
  if (manifest === undefined) {
    if (outcome.state !== 'Succeeded') return outcome;
    const message =
      'The backup was to be complete, but there is no manifest. Look for somebody who removed it.';
    return { state: 'Failed', error: { code: 'manifest.missing', message, retryable: false } };
  }
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
  outcome: RunOutcome,
  manifest: Manifest | undefined,
  context: StepContext,
): Promise<void> {
  const project = projectOf(context, backup);
  const completedAt = context.clock.now();
  for (const unit of backup.request.units) {
    const usable = unit !== 'search' && manifest?.units[unit] !== undefined;
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
