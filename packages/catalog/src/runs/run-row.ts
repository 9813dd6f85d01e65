import {
  IntegrityError,
  type Run,
  type RunHooks,
  runHooksSchema,
  runSchema,
  type UnitsStatus,
  unitSchema,
  unitsStatusSchema,
} from '@lcb/core';
import type { Selectable } from 'kysely';
import type { RunsTable } from '../database/tables.ts';

export type RunRow = Selectable<RunsTable>;

/** @throws IntegrityError when the row's JSON is not what this version knows */
export function runFromRow(row: RunRow): Run {
  const run = runSchema.safeParse({
    kind: row.kind,
    runId: row.run_id,
    projectId: row.project_id,
    environment: row.environment,
    state: row.state,
    units: unitsFromRow(row),
    epoch: row.epoch,
    cancelRequested: row.cancel_requested,
    requestedAt: row.requested_at.toISOString(),
    ...(row.started_at === null ? {} : { startedAt: row.started_at.toISOString() }),
    ...(row.completed_at === null ? {} : { completedAt: row.completed_at.toISOString() }),
    ...(row.error === null ? {} : { error: row.error }),
    request: row.request,
    ...(row.sealed === null ? {} : { sealed: row.sealed }),
    ...(row.result === null ? {} : { result: row.result }),
    ...(row.hooks === null ? {} : { hooks: row.hooks }),
    ...(row.deleted_at === null ? {} : { deletedAt: row.deleted_at.toISOString() }),
    ...(row.deleted_until === null ? {} : { deletedUntil: row.deleted_until.toISOString() }),
    ...(row.pinned_at === null ? {} : { pinned: pinOf(row.pinned_at, row.pin_reason) }),
    ...(row.rebuilt_at === null ? {} : { rebuiltAt: row.rebuilt_at.toISOString() }),
  });
  if (run.success) return run.data;
  throw unreadable(row.run_id);
}

function pinOf(at: Date, reason: string | null) {
  return { at: at.toISOString(), ...(reason === null ? {} : { reason }) };
}

/** In the order of the workflow; jsonb keeps an order of its own. @throws IntegrityError */
export function unitsFromRow(row: Pick<RunRow, 'run_id' | 'units'>): UnitsStatus {
  const stored = unitsStatusSchema.safeParse(row.units);
  if (!stored.success) throw unreadable(row.run_id);
  const units: UnitsStatus = {};
  for (const unit of unitSchema.options) {
    const status = stored.data[unit];
    if (status !== undefined) units[unit] = status;
  }
  return units;
}

/** Empty for a run that has asked nothing yet. @throws IntegrityError */
export function hooksFromRow(row: Pick<RunRow, 'run_id' | 'hooks'>): RunHooks {
  const stored = runHooksSchema.safeParse(row.hooks ?? {});
  if (!stored.success) throw unreadable(row.run_id);
  return stored.data;
}

function unreadable(runId: string): IntegrityError {
  return new IntegrityError(
    `The catalog's row of run ${runId} can't be read by this version; it was written by another one or changed by hand.`,
    'catalog.rowInvalid',
  );
}
