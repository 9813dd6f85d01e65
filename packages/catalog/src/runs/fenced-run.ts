import { isFinal, type Lease, LeaseLostError } from '@lcb/core';
import type { CatalogTransaction } from '../database/act-as.ts';
import { lockRun } from './find-run.ts';
import type { RunRow } from './run-row.ts';

/**
 * The row of a run that the lease still speaks for, held until the transaction ends: whoever takes the lease over waits
 * for it, and whoever comes with an older epoch is refused.
 *
 * A lease that has merely expired still counts. Expiry allows another process to take over, and from that moment the
 * epoch is another one; until then nobody else works on the environment, and refusing would help nobody.
 *
 * @throws LeaseLostError the epoch is not the current one, or the run is over
 * @throws NotFoundError
 */
export async function lockFencedRun(trx: CatalogTransaction, lease: Lease): Promise<RunRow> {
  const row = await lockRun(trx, lease.runId);
  if (!holdsEpoch(row, lease) || isFinal(row.state)) throw new LeaseLostError(lease.runId, lease.epoch);
  return row;
}

/** Epoch 0 is that of a run that was never admitted: nobody holds it. */
export function holdsEpoch(row: RunRow, lease: Lease): boolean {
  return row.epoch === lease.epoch && row.epoch > 0;
}
