import { LcbError, type Run, type RunRequest, runId, type UnitsStatus, unitSchema } from '@lcb/core';
import type { CatalogTransaction } from '../database/act-as.ts';
import { resourceOf } from './accept-request.ts';
import { runFromRow } from './run-row.ts';

/** Far beyond what one environment, or two whose ids read the same, can be asked for in one second. */
const mostInOneSecond = 1000;

/**
 * Inserts the run under the first free id. An id may be taken by another project, whose row is not visible here: the
 * unique index sees it, and an insert that did nothing says so.
 *
 * A restore's id begins with the environment that its backup is of, although its lease is for the one that it writes.
 */
export async function reserveRun(trx: CatalogTransaction, request: RunRequest): Promise<Run> {
  for (let ordinal = 1; ordinal <= mostInOneSecond; ordinal += 1) {
    const row = await trx
      .insertInto('runs')
      .values({
        run_id: runId(request, request.kind, request.requestedAt, ordinal),
        project_id: request.projectId,
        environment: resourceOf(request),
        kind: request.kind,
        request_id: request.requestId,
        request: JSON.stringify(request),
        units: JSON.stringify(pendingUnits(request)),
        requested_at: new Date(request.requestedAt).toISOString(),
      })
      .onConflict((conflict) => conflict.column('run_id').doNothing())
      .returningAll()
      .executeTakeFirst();
    if (row !== undefined) return runFromRow(row);
  }
  throw new LcbError({
    code: 'run.idsExhausted',
    message: `More than ${mostInOneSecond} runs were requested for ${request.environment} in one second. Ask again with a later time.`,
  });
}

function pendingUnits(request: RunRequest): UnitsStatus {
  // A copy has whatever its backup has, which its plan finds out.
  if (!('units' in request)) return {};
  const asked = new Set(request.units);
  const units: UnitsStatus = {};
  for (const unit of unitSchema.options) if (asked.has(unit)) units[unit] = { state: 'Pending' };
  return units;
}
