import { type AuditEvent, type Backup, InvalidRequestError, isFinal, type RebuildOutcome } from '@lcb/core';
import { holdChain } from '../audit/audit-chain.ts';
import type { CatalogTransaction } from '../database/act-as.ts';
import { serverTime } from '../database/server-time.ts';
import { ensureProject } from '../projects.ts';
import { assertStorable } from '../storable.ts';
import { acceptRequest } from './accept-request.ts';
import { findRun } from './find-run.ts';
import { type RunRow, runFromRow } from './run-row.ts';

/** Inserts the row of a sealed backup, or brings what may have changed since its seal up to date. Safe to repeat. */
export async function rebuildBackup(
  trx: CatalogTransaction,
  projectId: string,
  backup: Backup,
): Promise<RebuildOutcome> {
  const request = acceptRequest(projectId, backup.request);
  const { sealed, runId } = backup;
  if (sealed === undefined || !isFinal(backup.state)) {
    throw new InvalidRequestError(`${runId} is not sealed; only a sealed backup can be rebuilt.`);
  }
  assertStorable([backup.units, backup.error, sealed], 'The backup');
  await holdChain(trx, projectId);
  await ensureProject(trx, projectId);
  const inserted = await trx
    .insertInto('runs')
    .values({
      run_id: runId,
      project_id: projectId,
      environment: backup.environment,
      kind: 'backup',
      request_id: request.requestId,
      request: JSON.stringify(request),
      state: backup.state,
      units: JSON.stringify(backup.units),
      requested_at: backup.requestedAt,
      completed_at: backup.completedAt ?? sealed.sealedAt,
      error: backup.error === undefined ? null : JSON.stringify(backup.error),
      sealed: JSON.stringify(sealed),
      ...standing(backup),
      rebuilt_at: await serverTime(trx),
    })
    .onConflict((conflict) => conflict.column('run_id').doNothing())
    .returning('run_id')
    .executeTakeFirst();
  if (inserted !== undefined) return 'created';
  // Not visible where it is another project's.
  const row = await findRun(trx, runId);
  return row === undefined ? 'conflict' : await update(trx, row, backup);
}

async function update(trx: CatalogTransaction, row: RunRow, backup: Backup): Promise<RebuildOutcome> {
  const known = runFromRow(row);
  const isSame = known.kind === 'backup' && known.sealed?.manifestSha256 === backup.sealed?.manifestSha256;
  if (!isSame || !isFinal(known.state)) return 'conflict';
  const isCurrent =
    (known.deletedAt === undefined) === (backup.deletedAt === undefined) &&
    (known.pinned === undefined) === (backup.pinned === undefined);
  if (isCurrent) return 'unchanged';
  await trx.updateTable('runs').set(standing(backup)).where('run_id', '=', backup.runId).execute();
  return 'updated';
}

function standing({ deletedAt, deletedUntil, pinned }: Backup) {
  return {
    deleted_at: deletedAt ?? null,
    deleted_until: deletedUntil ?? null,
    pinned_at: pinned?.at ?? null,
    pin_reason: pinned?.reason ?? null,
  };
}

/** Blocks sweeps from the first rebuild on; a later one moves nothing. */
export async function recordRebuild(
  trx: CatalogTransaction,
  projectId: string,
  event: AuditEvent,
): Promise<void> {
  const chain = await holdChain(trx, projectId);
  await ensureProject(trx, projectId);
  await trx
    .updateTable('projects')
    .set({ sweeps_blocked_at: await serverTime(trx) })
    .where('project_id', '=', projectId)
    .where('sweeps_blocked_at', 'is', null)
    .execute();
  await chain.append(event);
}

/** Lifts the block. Safe to repeat: without one nothing is written. */
export async function allowSweeps(
  trx: CatalogTransaction,
  projectId: string,
  event: AuditEvent,
): Promise<void> {
  const chain = await holdChain(trx, projectId);
  const lifted = await trx
    .updateTable('projects')
    .set({ sweeps_blocked_at: null })
    .where('project_id', '=', projectId)
    .where('sweeps_blocked_at', 'is not', null)
    .returning('project_id')
    .executeTakeFirst();
  if (lifted !== undefined) await chain.append(event);
}

export async function sweepsBlockedSince(
  trx: CatalogTransaction,
  projectId: string,
): Promise<string | undefined> {
  const row = await trx
    .selectFrom('projects')
    .select('sweeps_blocked_at')
    .where('project_id', '=', projectId)
    .executeTakeFirst();
  return row?.sweeps_blocked_at?.toISOString();
}
