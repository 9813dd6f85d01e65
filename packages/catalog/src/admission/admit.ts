import type { AdmissionLimits, Run } from '@lcb/core';
import { sql } from 'kysely';
import type { CatalogTransaction } from '../database/act-as.ts';
import { secondsFromNow } from '../database/server-time.ts';
import { assertPositiveInteger } from '../input.ts';
import { runFromRow } from '../runs/run-row.ts';
import { fairOrder } from './fair-order.ts';

/** Any number that nothing else in this database locks. */
const admissionLock = 4_203_171_915;

/**
 * Hands out the free places. One lock for all callers: the counts that a choice rests on can't change before its leases
 * are written. An expired lease still takes a place, since its run is not over; the reaper decides about that.
 * @throws InvalidRequestError for a limit that is none
 */
export async function admit(trx: CatalogTransaction, limits: AdmissionLimits): Promise<readonly Run[]> {
  for (const name of ['total', 'perProject', 'leaseSeconds'] as const)
    assertPositiveInteger(limits[name], name);
  await sql`select pg_advisory_xact_lock(${admissionLock})`.execute(trx);
  const chosen = fairOrder(await candidates(trx), await runningByProject(trx), limits);
  if (chosen.length === 0) return [];
  const admittedRuns = await grant(
    trx,
    chosen.map(({ runId }) => runId),
    limits.leaseSeconds,
  );
  return chosen.flatMap(({ runId }) => admittedRuns.get(runId) ?? []);
}

async function runningByProject(trx: CatalogTransaction): Promise<ReadonlyMap<string, number>> {
  const rows = await trx
    .selectFrom('leases')
    .select(['project_id', (eb) => eb.fn.countAll<number>().as('running')])
    .groupBy('project_id')
    .execute();
  return new Map(rows.map(({ project_id, running }) => [project_id, running]));
}

/**
 * Of each free lane of an environment the run that waits longest. Their rows are held until the leases are written: one that is
 * cancelled at this moment is waited for, and left out.
 */
async function candidates(trx: CatalogTransaction) {
  return await trx
    .with('oldest', (db) =>
      db
        .selectFrom('runs')
        .distinctOn(['project_id', 'environment', 'lane'])
        .select('run_id')
        .where(isWaiting('runs'))
        .where(({ not, exists, selectFrom }) =>
          not(
            exists(
              selectFrom('leases')
                .select(sql.lit(1).as('one'))
                .whereRef('leases.project_id', '=', 'runs.project_id')
                .whereRef('leases.environment', '=', 'runs.environment')
                .whereRef('leases.lane', '=', 'runs.lane'),
            ),
          ),
        )
        .orderBy('project_id')
        .orderBy('environment')
        .orderBy('lane')
        .orderBy('queue_position'),
    )
    .selectFrom('runs')
    .innerJoin('oldest', 'oldest.run_id', 'runs.run_id')
    .select(['runs.run_id as runId', 'runs.project_id as projectId', 'runs.queue_position as queuePosition'])
    .where(isWaiting('runs'))
    .orderBy('runs.run_id')
    .forNoKeyUpdate('runs')
    .execute();
}

/** Written out, so that the partial index of waiting runs applies. */
function isWaiting(table: string) {
  return sql<boolean>`${sql.ref(`${table}.state`)} = 'Pending' and ${sql.ref(`${table}.epoch`)} = 0`;
}

async function grant(
  trx: CatalogTransaction,
  runIds: readonly string[],
  leaseSeconds: number,
): Promise<ReadonlyMap<string, Run>> {
  const rows = await trx
    .updateTable('runs')
    .set({ epoch: sql<number>`nextval('lease_epochs')` })
    .where(sql<boolean>`run_id = any(${[...runIds]})`)
    .returningAll()
    .execute();
  await trx
    .insertInto('leases')
    .columns(['project_id', 'environment', 'lane', 'run_id', 'epoch', 'expires_at'])
    .expression((eb) =>
      eb
        .selectFrom('runs')
        .select([
          'project_id',
          'environment',
          'lane',
          'run_id',
          'epoch',
          secondsFromNow(leaseSeconds).as('expires_at'),
        ])
        .where(sql<boolean>`run_id = any(${[...runIds]})`),
    )
    .execute();
  return new Map(rows.map((row) => [row.run_id, runFromRow(row)]));
}
