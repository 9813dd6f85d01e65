import { CancelledError } from '../errors/errors.ts';
import { type ErrorRecord, LcbError } from '../errors/lcb-error.ts';
import { readIndex } from '../library/base.ts';
import type { Restore } from '../model/run.ts';
import type { Unit, UnitStatus } from '../model/unit.ts';
import type { RunOutcome } from '../ports/catalog.ts';
import { openManifest } from '../repository/open-manifest.ts';
import { writeRecord } from '../repository/record.ts';
import type { WorkflowInput } from '../workflow/workflow-input.ts';
import { type FinalState, finishRun } from './finish-run.ts';
import { removeWork } from './remove-work.ts';
import { placesOf } from './restore-places.ts';
import { mayBeSwitched, undoSwap } from './restore-swap.ts';
import { loadRestore, projectOf, type StepContext } from './step-context.ts';

type Input = WorkflowInput & { readonly outcome: RunOutcome };

/**
 * Ends the restore. One that did not succeed leaves nothing in a target that was empty before, or beside one that was to
 * be swapped; one in place was rolled back by now, or its error says what state the environment is in.
 */
export async function finishRestore(input: Input, context: StepContext): Promise<{ state: FinalState }> {
  const restore = await loadRestore(context, input);
  const { projectId, backup } = restore.request;
  const anchor = { projectId, environment: backup.environment, location: backup.location };
  const settle = async () => {
    await context.provider.stopOperations(restore.runId);
    // Lost or failed after all was done: the restored environment may be in use by now.
    const outcome: RunOutcome = restore.result?.completed ? { state: 'Succeeded' } : input.outcome;
    if (outcome.state === 'Succeeded')
      await projectOf(context, restore).addResult(context.lease, { completed: true });
    if (outcome.state === 'Failed' && outcome.error.code === 'integrity.mismatch')
      await recordDamage(restore, outcome.error, context);
    const ended = outcome.state === 'Succeeded' ? outcome : await settleFailed(restore, outcome, context);
    await removeWork({ ...anchor, runId: restore.runId }, context);
    return ended;
  };
  return finishRun({ run: restore, anchor, settle }, context);
}

async function settleFailed(
  restore: Restore,
  outcome: RunOutcome,
  context: StepContext,
): Promise<RunOutcome> {
  const { mode, units } = restore.request;
  if (mode === 'inPlace') return settleInPlace(restore, outcome, context);
  if (mode !== 'swap') return clearTarget(restore, outcome, context, []);
  const error = outcome.state === 'Failed' ? outcome.error : undefined;
  if (mayBeSwitched(restore, error)) {
    await settleUnits(restore, outcome, context);
    return withMessage(
      restore,
      outcome,
      'The hook that switches the environment was called, and what it did is not known: both the old and the restored places are kept. Look where the environment points, and remove the other by hand.',
    );
  }
  const stuck: Unit[] = [];
  for (const unit of units) {
    if (!isClaimed(restore.units[unit])) continue;
    try {
      await undoSwap(restore, unit, context);
    } catch (thrown) {
      if (!LcbError.isInstance(thrown) || thrown.retryable) throw thrown;
      stuck.push(unit);
    }
  }
  return clearTarget(restore, outcome, context, stuck);
}

/** Nothing is removed here: what is there now is the environment itself. */
async function settleInPlace(
  restore: Restore,
  outcome: RunOutcome,
  context: StepContext,
): Promise<RunOutcome> {
  await settleUnits(restore, outcome, context);
  const { written = [], rolledBack = false, safetyBackupId } = restore.result ?? {};
  if (written.length === 0 || rolledBack) return outcome;
  const wayBack =
    safetyBackupId === undefined
      ? 'There is no safety backup of this restore: restore a backup in place.'
      : `What was there before is in ${safetyBackupId}: restore that one in place.`;
  return withMessage(restore, outcome, `The environment may be half restored. ${wayBack}`);
}

function withMessage(restore: Restore, outcome: RunOutcome, ...more: readonly string[]): RunOutcome {
  const cause = outcome.state === 'Failed' ? outcome.error : new CancelledError(restore.runId).toRecord();
  return { state: 'Failed', error: { ...cause, message: [cause.message, ...more].join(' ') } };
}

async function settleUnits(restore: Restore, outcome: RunOutcome, context: StepContext): Promise<void> {
  for (const unit of restore.request.units) {
    await projectOf(context, restore).setUnit(context.lease, unit, {
      state: outcome.state === 'Cancelled' ? 'Cancelled' : 'Failed',
      completedAt: context.clock.now(),
      ...(outcome.state === 'Failed' ? { error: outcome.error } : {}),
    });
  }
}

/** A restore that met damaged bytes says so beside the backup, as a verification does: it must not become a base. */
async function recordDamage(
  { request, runId, requestedAt }: Restore,
  error: ErrorRecord,
  context: StepContext,
): Promise<void> {
  const ref = { projectId: request.projectId, environment: request.backup.environment };
  const store = context.provider.objectStore(request.backup.location);
  await writeRecord(store, context.signer, context.clock, ref, `${runId}-damage`, {
    type: 'verified',
    at: requestedAt,
    actor: 'service',
    backupId: request.backupId,
    ok: false,
    problems: [error.message],
    // What takes it back: a verification that reads every byte.
    level: 'full',
    bytesRead: 0,
  });
}

/** What can't be cleared does not hold the run up for ever: then the run's error says what was left where. */
async function clearTarget(
  restore: Restore,
  outcome: RunOutcome,
  context: StepContext,
  stuck: readonly Unit[],
): Promise<RunOutcome> {
  const left = stuck.map(
    (unit) => `The ${unit} could not change its place back; both places are kept as they are.`,
  );
  for (const unit of restore.request.units) {
    if (!isClaimed(restore.units[unit]) || stuck.includes(unit)) continue;
    try {
      await clearUnit(unit, restore, context);
    } catch (error) {
      if (!LcbError.isInstance(error) || error.retryable) throw error;
      left.push(`What was restored of the ${unit} could not be removed and is still there: ${error.message}`);
    }
  }
  await settleUnits(restore, outcome, context);
  return left.length === 0 ? outcome : withMessage(restore, outcome, ...left);
}

/**
 * Only what the plan has claimed, and what was not settled before: a unit that is still Pending was refused, and one that
 * is Failed or Cancelled was settled by an earlier try of this step. Whatever is in such a target is somebody else's.
 */
function isClaimed(status: UnitStatus | undefined): boolean {
  return status?.state === 'InProgress' || status?.state === 'Succeeded';
}

async function clearUnit(unit: Unit, restore: Restore, context: StepContext): Promise<void> {
  const { backup, backupId, projectId } = restore.request;
  const target = placesOf(restore);
  if (unit === 'database' && target.database !== undefined) {
    await context.provider.discardRestoredDatabase(target.database, restore.runId);
  }
  if (unit === 'search' && restore.request.target.search !== undefined) {
    const ref = { projectId, environment: backup.environment };
    const backups = context.provider.objectStore(backup.location);
    const { value } = await openManifest(backups, ref, backupId, await context.trustedKeys());
    const snapshot = value.units.search;
    if (snapshot !== undefined)
      await context.provider.discardRestoredSearch({ snapshot, target: restore.request.target.search });
  }
  if (unit === 'documentLibrary' && target.documentLibrary !== undefined) {
    const ref = { projectId, environment: backup.environment };
    const backups = context.provider.objectStore(backup.location);
    const { value } = await openManifest(backups, ref, backupId, await context.trustedKeys());
    const library = context.provider.objectStore(target.documentLibrary.location);
    await library.deleteMany(keysOf(readIndex(backups, ref, value)));
  }
}

/** Without the versions of the copies: those are of another store. */
async function* keysOf(
  rows: AsyncIterable<{ readonly key: string }>,
): AsyncGenerator<{ readonly key: string }> {
  for await (const { key } of rows) yield { key };
}
