import {
  assertTransition,
  graceEnd,
  InvalidRequestError,
  isFinal,
  LcbError,
  type Lease,
  type RestoreResult,
  restoreResultSchema,
  type Sealed,
  type State,
  type Swept,
  sealedSchema,
  sweptSchema,
  type Unit,
  type UnitStatus,
  unitStatusSchema,
  type VerificationResult,
  verificationResultSchema,
} from '@lcb/core';
import { sql } from 'kysely';
import type { CatalogTransaction } from '../database/act-as.ts';
import { serverClock } from '../database/server-time.ts';
import { parseInput } from '../input.ts';
import { storable } from '../storable.ts';
import { lockFencedRun } from './fenced-run.ts';
import { lockRun, noSuchRun } from './find-run.ts';
import { runFromRow, unitsFromRow } from './run-row.ts';

/**
 * @throws LeaseLostError
 * @throws LcbError `state.illegalTransition`, also for a final state: `finish` leads there, since it releases the lease
 */
export async function setState(trx: CatalogTransaction, lease: Lease, state: State): Promise<void> {
  const row = await lockFencedRun(trx, lease);
  assertTransition(lease.runId, row.state, state);
  if (row.state === state) return;
  if (isFinal(state)) {
    throw new LcbError({
      code: 'state.illegalTransition',
      message: `Run ${lease.runId} can't be set to ${state}; it is ended by \`finish\`.`,
    });
  }
  await trx
    .updateTable('runs')
    .set({ state, started_at: sql<Date>`coalesce(started_at, ${serverClock})` })
    .where('run_id', '=', lease.runId)
    .execute();
}

/** @throws LeaseLostError */
export async function setUnit(
  trx: CatalogTransaction,
  lease: Lease,
  unit: Unit,
  status: Partial<UnitStatus>,
): Promise<void> {
  const units = unitsFromRow(await lockFencedRun(trx, lease));
  const merged = { state: 'Pending', ...units[unit], ...status };
  units[unit] = parseInput(unitStatusSchema, storable(merged), `The status of ${unit}`);
  await trx
    .updateTable('runs')
    .set({ units: JSON.stringify(units) })
    .where('run_id', '=', lease.runId)
    .execute();
}

/** @throws LeaseLostError */
export async function setSealed(trx: CatalogTransaction, lease: Lease, sealed: Sealed): Promise<void> {
  const row = await lockFencedRun(trx, lease);
  if (row.kind !== 'backup' && row.kind !== 'copy')
    throw new InvalidRequestError(`Run ${lease.runId} is no backup and no copy; only those are sealed.`);
  await trx
    .updateTable('runs')
    .set({ sealed: JSON.stringify(parseInput(sealedSchema, sealed, 'What was sealed')) })
    .where('run_id', '=', lease.runId)
    .execute();
}

/** @throws LeaseLostError */
export async function addResult(trx: CatalogTransaction, lease: Lease, added: RestoreResult): Promise<void> {
  const run = runFromRow(await lockFencedRun(trx, lease));
  if (run.kind !== 'restore')
    throw new InvalidRequestError(`Run ${lease.runId} is no restore; only those have a result.`);
  const result = parseInput(restoreResultSchema, storable({ ...run.result, ...added }), 'The result');
  await trx
    .updateTable('runs')
    .set({ result: JSON.stringify(result) })
    .where('run_id', '=', lease.runId)
    .execute();
}

/** @throws LeaseLostError */
export async function setSwept(trx: CatalogTransaction, lease: Lease, swept: Swept): Promise<void> {
  const row = await lockFencedRun(trx, lease);
  if (row.kind !== 'sweep') throw new InvalidRequestError(`Run ${lease.runId} is no sweep.`);
  await trx
    .updateTable('runs')
    .set({ result: JSON.stringify(parseInput(sweptSchema, swept, 'What was swept')) })
    .where('run_id', '=', lease.runId)
    .execute();
}

/** @throws LeaseLostError */
export async function addVerification(
  trx: CatalogTransaction,
  lease: Lease,
  added: VerificationResult,
): Promise<void> {
  const run = runFromRow(await lockFencedRun(trx, lease));
  if (run.kind !== 'verify') throw new InvalidRequestError(`Run ${lease.runId} is no verification.`);
  const found = storable({ ...run.result, ...added });
  const result = parseInput(verificationResultSchema, found, 'What was found');
  await trx
    .updateTable('runs')
    .set({ result: JSON.stringify(result) })
    .where('run_id', '=', lease.runId)
    .execute();
}

/**
 * Keeps the time of the first deletion when it is repeated.
 * @param lease of the deletion of this very backup
 * @throws LeaseLostError
 * @throws NotFoundError
 */
export async function setDeleted(trx: CatalogTransaction, lease: Lease, backupId: string): Promise<void> {
  const deletion = runFromRow(await lockFencedRun(trx, lease));
  if (deletion.kind !== 'delete' || deletion.request.backupId !== backupId) {
    throw new InvalidRequestError(`Run ${lease.runId} is not the deletion of ${backupId}.`);
  }
  const backup = await lockRun(trx, backupId);
  if (backup.kind !== 'backup') noSuchRun(backupId);
  await trx
    .updateTable('runs')
    .set({
      deleted_at: sql<Date>`coalesce(deleted_at, ${serverClock})`,
      deleted_until: sql<Date>`coalesce(deleted_until, ${graceEnd(deletion.request, deletion.startedAt)}::timestamptz)`,
    })
    .where('run_id', '=', backupId)
    .execute();
}
