import { type AuditEvent, type Backup, EnvironmentBusyError } from '@lcb/core';
import { sql } from 'kysely';
import { holdChain } from '../audit/audit-chain.ts';
import type { CatalogTransaction } from '../database/act-as.ts';
import { serverTime } from '../database/server-time.ts';
import { storable } from '../storable.ts';
import { lockRun, noSuchRun } from './find-run.ts';
import { type RunRow, runFromRow } from './run-row.ts';

/** Pins or unpins. Repeating it changes nothing. @throws NotFoundError, EnvironmentBusyError */
export async function setPinned(
  trx: CatalogTransaction,
  projectId: string,
  backupId: string,
  pin: { readonly reason?: string } | null,
  event: AuditEvent,
): Promise<Backup> {
  const chain = await holdChain(trx, projectId);
  const row = await lockBackup(trx, backupId);
  if ((row.pinned_at !== null) === (pin !== null)) return backupOf(row);
  await refuseWhileDeleted(trx, backupId);
  await chain.append(event);
  const changed = await trx
    .updateTable('runs')
    .set({
      pinned_at: pin === null ? null : await serverTime(trx),
      pin_reason: pin?.reason === undefined ? null : String(storable(pin.reason)),
    })
    .where('run_id', '=', backupId)
    .returningAll()
    .executeTakeFirstOrThrow();
  return backupOf(changed);
}

/** @throws NotFoundError, EnvironmentBusyError */
export async function setUndeleted(
  trx: CatalogTransaction,
  projectId: string,
  backupId: string,
  event: AuditEvent,
): Promise<Backup> {
  const chain = await holdChain(trx, projectId);
  const row = await lockBackup(trx, backupId);
  if (row.deleted_at === null) return backupOf(row);
  await refuseWhileDeleted(trx, backupId);
  await chain.append(event);
  const changed = await trx
    .updateTable('runs')
    .set({ deleted_at: null, deleted_until: null })
    .where('run_id', '=', backupId)
    .returningAll()
    .executeTakeFirstOrThrow();
  return backupOf(changed);
}

/**
 * A deletion that is recorded looks at pins when it begins: whoever pins before that is seen by it, and whoever comes
 * later is refused here. The chain's head, which both take first, makes one follow the other.
 */
async function refuseWhileDeleted(trx: CatalogTransaction, backupId: string): Promise<void> {
  const deletion = await trx
    .selectFrom('runs')
    .select('run_id')
    .where('kind', '=', 'delete')
    // Written out, so that the partial index of open runs applies.
    .where(sql<boolean>`state in ('Pending', 'InProgress', 'Validating')`)
    .where(sql<boolean>`request->>'backupId' = ${backupId}`)
    .executeTakeFirst();
  if (deletion === undefined) return;
  throw new EnvironmentBusyError(
    `The deletion ${deletion.run_id} of ${backupId} is not over. Wait for its end, or cancel it.`,
  );
}

async function lockBackup(trx: CatalogTransaction, backupId: string): Promise<RunRow> {
  const row = await lockRun(trx, backupId);
  return row.kind === 'backup' ? row : noSuchRun(backupId);
}

function backupOf(row: RunRow): Backup {
  const run = runFromRow(row);
  return run.kind === 'backup' ? run : noSuchRun(row.run_id);
}
