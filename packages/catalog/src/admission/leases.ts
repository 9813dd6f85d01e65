import { isFinal, type Lease, LeaseLostError, type Run } from '@lcb/core';
import { sql } from 'kysely';
import type { CatalogTransaction } from '../database/act-as.ts';
import { secondsFromNow, serverClock } from '../database/server-time.ts';
import { assertPositiveInteger } from '../input.ts';
import { runFromRow } from '../runs/run-row.ts';

/** Runs with a lease, which are those that were admitted and are not over. In the order of their requests. */
export async function admittedRuns(trx: CatalogTransaction): Promise<readonly Run[]> {
  const rows = await trx
    .selectFrom('runs')
    .innerJoin('leases', 'leases.run_id', 'runs.run_id')
    .selectAll('runs')
    .orderBy('runs.queue_position')
    .execute();
  return rows.map(runFromRow);
}

/** Also one that expired, as long as nobody took it over. @throws LeaseLostError */
export async function renewLease(trx: CatalogTransaction, lease: Lease, leaseSeconds: number): Promise<void> {
  assertPositiveInteger(leaseSeconds, 'leaseSeconds');
  const { numUpdatedRows } = await trx
    .updateTable('leases')
    .set({ expires_at: secondsFromNow(leaseSeconds) })
    .where('run_id', '=', lease.runId)
    .where('epoch', '=', lease.epoch)
    .executeTakeFirst();
  if (numUpdatedRows === 0n) throw new LeaseLostError(lease.runId, lease.epoch);
}

/** Ends the lease's time now; the run keeps its place and whoever comes next may take it over. */
export async function releaseLease(trx: CatalogTransaction, lease: Lease): Promise<void> {
  await trx
    .updateTable('leases')
    .set({ expires_at: serverClock })
    .where('run_id', '=', lease.runId)
    .where('epoch', '=', lease.epoch)
    .execute();
}

/** @throws LeaseLostError when the epoch is no longer the current one, or the run is over */
export async function checkLease(trx: CatalogTransaction, lease: Lease): Promise<void> {
  const held = await trx
    .selectFrom('leases')
    .select('run_id')
    .where('run_id', '=', lease.runId)
    .where('epoch', '=', lease.epoch)
    .executeTakeFirst();
  if (held === undefined) throw new LeaseLostError(lease.runId, lease.epoch);
}

/**
 * A new epoch for a run whose lease has expired. The run's row is taken first, as by everything that writes with a
 * lease: what the old holder is writing now is committed before, and what it writes later is refused.
 * @returns undefined while the lease has not expired, and for a run that is over, waiting or unknown
 */
export async function takeOver(
  trx: CatalogTransaction,
  runId: string,
  leaseSeconds: number,
): Promise<Lease | undefined> {
  assertPositiveInteger(leaseSeconds, 'leaseSeconds');
  const run = await trx
    .selectFrom('runs')
    .select('state')
    .where('run_id', '=', runId)
    .forNoKeyUpdate()
    .executeTakeFirst();
  if (run === undefined || isFinal(run.state)) return undefined;
  const lease = await trx
    .updateTable('leases')
    .set({ epoch: sql<number>`nextval('lease_epochs')`, expires_at: secondsFromNow(leaseSeconds) })
    .where('run_id', '=', runId)
    .where('expires_at', '<=', serverClock)
    .returning('epoch')
    .executeTakeFirst();
  if (lease === undefined) return undefined;
  await trx.updateTable('runs').set({ epoch: lease.epoch }).where('run_id', '=', runId).execute();
  return { runId, epoch: lease.epoch };
}
