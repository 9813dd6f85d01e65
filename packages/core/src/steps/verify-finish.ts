import { databaseName } from '../model/project.ts';
import type { VerifyRun } from '../model/run.ts';
import type { VerificationResult } from '../model/verification.ts';
import type { RunOutcome } from '../ports/catalog.ts';
import { writeRecord } from '../repository/record.ts';
import type { WorkflowInput } from '../workflow/workflow-input.ts';
import { type FinalState, finishRun } from './finish-run.ts';
import { failedAtEnd, refusalOf } from './refusal.ts';
import { removeWork } from './remove-work.ts';
import { loadVerification, projectOf, type StepContext } from './step-context.ts';
import { damageCodes, scratchOf } from './verify-source.ts';

type Input = WorkflowInput & { readonly outcome: RunOutcome };

/** Drops the scratch database, and puts on record what was found out about the backup, if anything was. */
export async function finishVerification(input: Input, context: StepContext): Promise<{ state: FinalState }> {
  const run = await loadVerification(context, input);
  const { projectId, backup } = run.request;
  const anchor = { projectId, environment: backup.environment, location: backup.location };
  const settle = async () => {
    await context.provider.stopOperations(run.runId);
    const verified = run.result?.verified ?? wordOn(run, input.outcome, context);
    // Lost or failed after all was said: that stands.
    const outcome: RunOutcome = verified?.ok === true ? { state: 'Succeeded' } : input.outcome;
    if (verified !== undefined) await keep(run, verified, context);
    await removeWork({ ...anchor, runId: run.runId }, context);
    const ended = await dropScratch(run, outcome, context);
    await settleUnit(run, ended, context);
    return ended;
  };
  return finishRun({ run, anchor, settle }, context);
}

type Verified = NonNullable<VerificationResult['verified']>;

/** Nothing where the run was stopped, or ended by what is no fault of the backup. */
function wordOn(
  { result, startedAt, requestedAt }: VerifyRun,
  outcome: RunOutcome,
  { clock }: StepContext,
): Verified | undefined {
  if (outcome.state === 'Cancelled') return undefined;
  const problems = outcome.state === 'Failed' ? [outcome.error.message] : [];
  if (outcome.state === 'Failed' && !damageCodes.has(outcome.error.code)) return undefined;
  const at = clock.now();
  const { artefacts = 0, bytesRead = 0, restored } = result ?? {};
  return {
    at,
    ok: problems.length === 0,
    problems,
    level: 'restore',
    seconds: Math.max(0, (Date.parse(at) - Date.parse(startedAt ?? requestedAt)) / 1000),
    artefacts,
    bytesRead,
    objects: 0,
    objectsRead: 0,
    ...(restored === undefined ? {} : { restored }),
  };
}

/** In the catalog first: repeated, the same record is written under the same time. */
async function keep({ request, runId }: VerifyRun, verified: Verified, context: StepContext): Promise<void> {
  await projectOf(context, request).addVerification(context.lease, { verified });
  const ref = { projectId: request.projectId, environment: request.backup.environment };
  const store = context.provider.objectStore(request.backup.location);
  await writeRecord(store, context.signer, context.clock, ref, `${runId}-verified`, {
    type: 'verified',
    actor: request.initiator,
    backupId: request.backupId,
    ...verified,
  });
}

/** Only where the plan had come so far that there may be one. */
async function dropScratch(run: VerifyRun, outcome: RunOutcome, context: StepContext): Promise<RunOutcome> {
  if (run.units.database === undefined) return outcome;
  const scratch = scratchOf(run);
  const refused = await refusalOf(
    () => context.provider.discardRestoredDatabase(scratch, run.runId, { unmarked: true }),
    context,
  );
  if (refused === undefined) return outcome;
  const words = `The scratch database ${databaseName(scratch.url)} could not be dropped; drop it by hand. ${refused.message}`;
  return failedAtEnd(outcome, refused, words);
}

async function settleUnit(run: VerifyRun, outcome: RunOutcome, context: StepContext): Promise<void> {
  if (run.units.database?.state !== 'InProgress') return;
  await projectOf(context, run).setUnit(context.lease, 'database', {
    state: outcome.state,
    completedAt: context.clock.now(),
    ...(outcome.state === 'Failed' ? { error: outcome.error } : {}),
  });
}
