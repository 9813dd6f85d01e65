import { NotFoundError } from '@lcb/core';
import type { CatalogTransaction } from '../database/act-as.ts';
import type { RunRow } from './run-row.ts';

/** Also undefined for another project's run, whose row is not visible here. */
export async function findRun(trx: CatalogTransaction, runId: string): Promise<RunRow | undefined> {
  return await trx.selectFrom('runs').selectAll().where('run_id', '=', runId).executeTakeFirst();
}

/** The run's row, held until the transaction ends. @throws NotFoundError */
export async function lockRun(trx: CatalogTransaction, runId: string): Promise<RunRow> {
  const row = await trx
    .selectFrom('runs')
    .selectAll()
    .where('run_id', '=', runId)
    .forNoKeyUpdate()
    .executeTakeFirst();
  return row ?? noSuchRun(runId);
}

/** @throws NotFoundError */
export function noSuchRun(runId: string): never {
  throw new NotFoundError(`There is no run ${runId} in this project.`, 'run.notFound');
}
