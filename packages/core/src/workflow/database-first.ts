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
  return yield* takeInOrder(run, units, false);
}

/** Strategy `exact`: the same order, and the library that is copied is the one of the database's moment. */
export function* exactMoment(run: AttemptInput, units: readonly Unit[]): Workflow<UnitsTaken> {
  return yield* takeInOrder(run, units, true);
}

function* takeInOrder(run: AttemptInput, units: readonly Unit[], exact: boolean): Workflow<UnitsTaken> {
  const failures: UnitFailures = [];
  const isPair = units.includes('database') && units.includes('documentLibrary');
  const parts = [
    ...(isPair ? [{ unit: 'documentLibrary', take: listEarlier } as const] : []),
    { unit: 'database', take: dumpDatabase } as const,
    { unit: 'documentLibrary', take: copyLibrary } as const,
    { unit: 'search', take: snapshotSearch } as const,
  ];
  for (const { unit, take } of parts) {
    if (!units.includes(unit) || failures.some((failure) => failure.unit === unit)) continue;
    try {
      // Once one of the two has failed there is nothing to fit: the other is taken without asking for more.
      yield* take(run, exact && failures.length === 0);
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

/** What the library was like before the database's moment: by it is told who is to blame for what does not fit. */
function* listEarlier(run: AttemptInput): Workflow<void> {
  yield* runStep(stepTable.backupLibraryPrelist, run);
}

function* dumpDatabase(run: AttemptInput, exact: boolean): Workflow<void> {
  const handle = yield* runStep(stepTable.backupDatabaseStart, { ...run, exact });
  yield* untilDone(() => runStep(stepTable.backupDatabasePoll, { ...run, handle }));
}

function* copyLibrary(run: AttemptInput, exact: boolean): Workflow<void> {
  const planned = yield* runStep(stepTable.backupLibraryPlan, { ...run, exact });
  yield* copyShards(stepTable.backupLibraryCopy, planned, (place) => ({ ...run, ...place }));
  yield* runStep(stepTable.backupLibraryFold, { ...run, shards: planned.shards });
}
