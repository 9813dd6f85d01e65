import { errorRecord, LcbError } from '../errors/lcb-error.ts';
import type { Unit } from '../model/unit.ts';
import type { Workflow } from './command.ts';
import { copyShards } from './copy-shards.ts';
import { endsRun } from './outcome.ts';
import { untilDone } from './poll-operation.ts';
import { snapshotSearch } from './search.ts';
import { stepTable, type UnitFailures } from './step-table.ts';
import type { WorkflowInput } from './workflow-input.ts';
import { runStep } from './yield-step.ts';

/** A dump that was lost begins anew, at a new moment, at most this often. */
export const maxAttempts = 3;

export type AttemptInput = WorkflowInput & { readonly attempt: number };

export interface UnitsTaken {
  readonly failures: UnitFailures;
  /** May another attempt, with a moment of its own, do better? */
  readonly again: boolean;
}

/**
 * Strategy `databaseFirst` (requirements 5.2): the database's moment first, the library at once after it. Files that
 * come in between are in the library and not in the database, which does no harm.
 */
export function* databaseFirst(run: AttemptInput, units: readonly Unit[]): Workflow<UnitsTaken> {
  const failures: UnitFailures = [];
  for (const unit of ['database', 'documentLibrary', 'search'] as const) {
    if (!units.includes(unit)) continue;
    try {
      yield* takers[unit](run);
    } catch (error) {
      if (endsRun(error)) throw error;
      failures.push({ unit, error: errorRecord(error) });
      // In the last attempt the other units are taken all the same: they must be there to be sealed.
      const again = run.attempt < maxAttempts && LcbError.isInstance(error) && error.retryable;
      if (again) return { failures, again };
    }
  }
  return { failures, again: false };
}

const takers = { database: dumpDatabase, documentLibrary: copyLibrary, search: snapshotSearch };

function* dumpDatabase(run: AttemptInput): Workflow<void> {
  const handle = yield* runStep(stepTable.backupDatabaseStart, run);
  yield* untilDone(() => runStep(stepTable.backupDatabasePoll, { ...run, handle }));
}

function* copyLibrary(run: AttemptInput): Workflow<void> {
  const { shards } = yield* runStep(stepTable.backupLibraryPlan, run);
  yield* copyShards(stepTable.backupLibraryCopy, shards, (place) => ({ ...run, ...place }));
  yield* runStep(stepTable.backupLibraryFold, { ...run, shards });
}
