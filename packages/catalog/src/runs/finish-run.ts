import {
  type AuditEvent,
  assertTransition,
  type ErrorRecord,
  errorRecordSchema,
  isFinal,
  type Lease,
  LeaseLostError,
  type Run,
  type RunOutcome,
} from '@lcb/core';
import { holdChain } from '../audit/audit-chain.ts';
import type { CatalogTransaction } from '../database/act-as.ts';
import { serverTime } from '../database/server-time.ts';
import { enqueueEvent } from '../outbox/outbox.ts';
import { type RunEventName, runEvent } from '../outbox/run-event.ts';
import { storable } from '../storable.ts';
import { holdsEpoch } from './fenced-run.ts';
import { lockRun } from './find-run.ts';
import { type RunRow, runFromRow } from './run-row.ts';

const eventNames = {
  Succeeded: 'succeeded',
  Failed: 'failed',
  Cancelled: 'cancelled',
} as const satisfies Record<RunOutcome['state'], RunEventName>;

/**
 * Ends the run and frees its environment. The same epoch may repeat it with the state that it set; what was recorded
 * first stays, its error and its audit entry included.
 * @throws LeaseLostError another epoch's, or the run has ended in another state
 * @throws LcbError `state.illegalTransition`
 * @throws NotFoundError
 */
export async function finishRun(
  trx: CatalogTransaction,
  projectId: string,
  lease: Lease,
  outcome: RunOutcome,
  event: AuditEvent,
): Promise<Run> {
  const chain = await holdChain(trx, projectId);
  const current = await lockRun(trx, lease.runId);
  if (!holdsEpoch(current, lease)) throw new LeaseLostError(lease.runId, lease.epoch);
  if (isFinal(current.state)) return repeated(current, lease, outcome);
  assertTransition(lease.runId, current.state, outcome.state);

  const completedAt = await serverTime(trx);
  const row = await trx
    .updateTable('runs')
    .set({
      state: outcome.state,
      completed_at: completedAt,
      error: outcome.state === 'Failed' ? storedError(outcome.error) : null,
    })
    .where('run_id', '=', lease.runId)
    .returningAll()
    .executeTakeFirstOrThrow();
  await trx.deleteFrom('leases').where('run_id', '=', lease.runId).execute();
  await chain.append(event);
  const run = runFromRow(row);
  await enqueueEvent(trx, projectId, runEvent(run, eventNames[outcome.state], completedAt));
  return run;
}

function repeated(row: RunRow, lease: Lease, outcome: RunOutcome): Run {
  if (row.state !== outcome.state) throw new LeaseLostError(lease.runId, lease.epoch);
  return runFromRow(row);
}

function storedError(error: ErrorRecord): string {
  return JSON.stringify(errorRecordSchema.parse(storable(error)));
}
