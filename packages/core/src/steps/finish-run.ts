import type { AuditEvent } from '../model/audit-entry.ts';
import type { EnvironmentRef } from '../model/ids.ts';
import type { Run } from '../model/run.ts';
import { isFinal } from '../model/state.ts';
import type { RunOutcome } from '../ports/catalog.ts';
import { writeRecord } from '../repository/record.ts';
import { projectOf, type StepContext } from './step-context.ts';

export type FinalState = RunOutcome['state'];

interface Ending {
  readonly run: Run;
  /** Where the head of the audit chain is anchored: beside the backups that the run was about. */
  readonly anchor: EnvironmentRef & { readonly location: string };
  /** Puts everything in order and answers how the run really ended. Not called for a run that is over already. */
  readonly settle: () => Promise<RunOutcome>;
}

/**
 * Ends a run in the catalog and anchors the audit chain's head, signed, in the backup location: whoever rewrites the
 * catalog's audit afterwards can't rewrite that. Safe to repeat, also when the process died in between.
 */
export async function finishRun(
  { run, anchor, settle }: Ending,
  context: StepContext,
): Promise<{ state: FinalState }> {
  const project = projectOf(context, run);
  let ended = run;
  if (!isFinal(run.state)) {
    await context.catalog.platform.checkLease(context.lease);
    const outcome = await settle();
    ended = await project.finish(context.lease, outcome, auditEvent(run, outcome, context));
  }
  await writeRecord(
    context.provider.objectStore(anchor.location),
    context.signer,
    context.clock,
    anchor,
    `${run.runId}-audit`,
    {
      type: 'auditHead',
      at: ended.completedAt ?? context.clock.now(),
      actor: 'service',
      head: await project.auditHead(),
      ...(ended.kind === 'backup' ? { sealed: ended.sealed !== undefined } : {}),
    },
  );
  return { state: finalState(ended) };
}

function finalState({ state }: Run): FinalState {
  return state === 'Succeeded' || state === 'Cancelled' ? state : 'Failed';
}

const results = { Succeeded: 'succeeded', Failed: 'failed', Cancelled: 'cancelled' } as const;

function auditEvent(run: Run, outcome: RunOutcome, context: StepContext): AuditEvent {
  const result = results[outcome.state];
  return {
    actor: 'service',
    action: `${run.kind}.${result}`,
    subject: run.runId,
    result,
    at: context.clock.now(),
    correlationId: run.request.correlationId,
    ...(outcome.state === 'Failed'
      ? { details: { code: outcome.error.code, message: outcome.error.message } }
      : {}),
  };
}
