import {
  InvalidRequestError,
  type Lease,
  NotFoundError,
  type QuiesceRecord,
  type RunHooks,
  runHooksSchema,
} from '@lcb/core';
import { sql } from 'kysely';
import type { CatalogTransaction } from '../database/act-as.ts';
import { serverTime } from '../database/server-time.ts';
import { parseInput } from '../input.ts';
import { storable } from '../storable.ts';
import { lockFencedRun } from './fenced-run.ts';
import { findRun } from './find-run.ts';
import { hooksFromRow } from './run-row.ts';

/** The first record of an attempt stays: what counts is when the environment was first asked. @throws LeaseLostError */
export async function recordQuiesce(
  trx: CatalogTransaction,
  lease: Lease,
  attempt: number,
): Promise<QuiesceRecord> {
  const hooks = hooksFromRow(await lockFencedRun(trx, lease));
  if (hooks.quiesce?.attempt === attempt) return hooks.quiesce;
  const quiesce = { attempt, since: await serverTime(trx), failedResumes: 0 };
  await writeHooks(trx, lease.runId, { ...hooks, quiesce });
  return quiesce;
}

/** @throws LeaseLostError */
export async function recordResume(
  trx: CatalogTransaction,
  lease: Lease,
  outcome: 'resumed' | 'failed',
): Promise<QuiesceRecord> {
  const { quiesce, ...others } = hooksFromRow(await lockFencedRun(trx, lease));
  if (quiesce === undefined) throw new InvalidRequestError(`Run ${lease.runId} has quiesced nothing.`);
  if (quiesce.resumedAt !== undefined) return quiesce;
  const changed =
    outcome === 'resumed'
      ? { ...quiesce, resumedAt: await serverTime(trx) }
      : { ...quiesce, failedResumes: quiesce.failedResumes + 1 };
  await writeHooks(trx, lease.runId, { ...others, quiesce: changed });
  return changed;
}

/** @throws LeaseLostError */
export async function recordReindex(
  trx: CatalogTransaction,
  lease: Lease,
  called: Omit<NonNullable<RunHooks['reindex']>, 'at'>,
): Promise<void> {
  const hooks = hooksFromRow(await lockFencedRun(trx, lease));
  await writeHooks(trx, lease.runId, { ...hooks, reindex: { ...called, at: await serverTime(trx) } });
}

/** Seconds since the quiesce hook was about to be called, until now or until the environment was resumed. */
export async function quiescedSeconds(trx: CatalogTransaction, runId: string): Promise<number> {
  const row = await findRun(trx, runId);
  if (row === undefined) throw new NotFoundError(`There is no run ${runId}.`);
  const { quiesce } = hooksFromRow(row);
  if (quiesce === undefined) return 0;
  const until = quiesce.resumedAt ?? (await serverTime(trx));
  return (Date.parse(until) - Date.parse(quiesce.since)) / 1000;
}

/** Any lease may have run out long ago: whoever resumes by hand knows that it was done. Also for a run that is over. */
export async function recordResumeByHand(
  trx: CatalogTransaction,
  environment: string,
  actor: string,
): Promise<readonly string[]> {
  const rows = await trx
    .selectFrom('runs')
    .selectAll()
    .where('environment', '=', environment)
    .where(sql<boolean>`hooks -> 'quiesce' is not null and hooks #> '{quiesce,resumedAt}' is null`)
    .orderBy('queue_position')
    .forUpdate()
    .execute();
  for (const row of rows) {
    const { quiesce, ...others } = hooksFromRow(row);
    if (quiesce === undefined) continue;
    const resumed = { ...quiesce, resumedAt: await serverTime(trx), resumedBy: actor };
    await writeHooks(trx, row.run_id, { ...others, quiesce: resumed });
  }
  return rows.map((row) => row.run_id);
}

async function writeHooks(trx: CatalogTransaction, runId: string, hooks: RunHooks): Promise<void> {
  const checked = parseInput(runHooksSchema, storable(hooks), 'What was asked of the environment');
  await trx
    .updateTable('runs')
    .set({ hooks: JSON.stringify(checked) })
    .where('run_id', '=', runId)
    .execute();
}
