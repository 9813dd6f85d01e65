import { type AuditEvent, isFinal, type Run } from '@lcb/core';
import { holdChain } from '../audit/audit-chain.ts';
import type { CatalogTransaction } from '../database/act-as.ts';
import { serverTime } from '../database/server-time.ts';
import { enqueueEvent } from '../outbox/outbox.ts';
import { runEvent } from '../outbox/run-event.ts';
import { lockRun } from './find-run.ts';
import { type RunRow, runFromRow, unitsFromRow } from './run-row.ts';

/**
 * Asks a run to stop. One that nobody has begun is over at once; one at work reads the flag and stops by itself.
 * Asking again, or when the run is over, changes nothing and leaves no further entry.
 * @throws NotFoundError
 */
export async function requestCancel(
  trx: CatalogTransaction,
  projectId: string,
  runId: string,
  event: AuditEvent,
): Promise<Run> {
  const chain = await holdChain(trx, projectId);
  const row = await lockRun(trx, runId);
  if (isFinal(row.state) || row.cancel_requested) return runFromRow(row);
  const entry = await chain.append(event);
  if (row.epoch > 0) return await setFlag(trx, runId);

  const run = await cancelWaiting(trx, row);
  const at = run.completedAt ?? (await serverTime(trx));
  // The trail tells the end of every run in the same way, also of one that never began.
  await chain.append({
    actor: entry.actor,
    action: `${run.kind}.cancelled`,
    subject: runId,
    result: 'cancelled',
    at,
    correlationId: run.request.correlationId,
  });
  await enqueueEvent(trx, projectId, runEvent(run, 'cancelled', at));
  return run;
}

async function setFlag(trx: CatalogTransaction, runId: string): Promise<Run> {
  const row = await trx
    .updateTable('runs')
    .set({ cancel_requested: true })
    .where('run_id', '=', runId)
    .returningAll()
    .executeTakeFirstOrThrow();
  return runFromRow(row);
}

async function cancelWaiting(trx: CatalogTransaction, waiting: RunRow): Promise<Run> {
  const units = Object.entries(unitsFromRow(waiting)).map(([unit]) => [unit, { state: 'Cancelled' }]);
  const row = await trx
    .updateTable('runs')
    .set({
      state: 'Cancelled',
      cancel_requested: true,
      completed_at: await serverTime(trx),
      units: JSON.stringify(Object.fromEntries(units)),
    })
    .where('run_id', '=', waiting.run_id)
    .returningAll()
    .executeTakeFirstOrThrow();
  return runFromRow(row);
}
