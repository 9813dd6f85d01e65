import { sealedMisfit } from '../consistency/inconsistency.ts';
import { type ErrorRecord, errorRecord, LcbError } from '../errors/lcb-error.ts';
import type { State } from '../model/state.ts';
import type { Unit } from '../model/unit.ts';
import type { RunOutcome } from '../ports/catalog.ts';
import type { Workflow } from './command.ts';
import { copyShards } from './copy-shards.ts';
import { endsRun, failureOutcome } from './outcome.ts';
import { untilDone } from './poll-operation.ts';
import { stepTable, type UnitFailures } from './step-table.ts';
import type { WorkflowInput } from './workflow-input.ts';
import { runStep } from './yield-step.ts';

/** A dump that was lost begins anew, at a new moment, at most this often. */
export const maxAttempts = 3;

/** Plan, database, library, validation, seal; and `finish`, whatever happened. Answers with the final state. */
export function* backupWorkflow(run: WorkflowInput): Workflow<State> {
  let outcome: RunOutcome;
  try {
    outcome = yield* takeBackup(run);
  } catch (error) {
    outcome = failureOutcome(error);
  }
  const { state } = yield* runStep(stepTable.backupFinish, { ...run, outcome });
  return state;
}

/**
 * Units that failed leave the others usable: those are sealed, and the backup is Failed all the same. So it is when the
 * units are good by themselves and do not fit together, in the last attempt too.
 */
function* takeBackup(run: WorkflowInput): Workflow<RunOutcome> {
  const { units, imports } = yield* runStep(stepTable.backupPlan, run);
  if (imports) yield* importUpload(run);
  for (let first = 1; ; ) {
    const { attempt, failures: notTaken } = yield* takeUnits(run, units, first);
    const taken = without(units, notTaken);
    if (taken.length === 0) return failed(notTaken, []);
    const { failures: notValid } = yield* runStep(stepTable.backupValidate, {
      ...run,
      attempt,
      units: taken,
    });
    const { failures: damaged, problem } = yield* certify({ ...run, attempt }, without(taken, notValid));
    if (problem?.retryable && attempt < maxAttempts) {
      first = attempt + 1;
      continue;
    }
    const failures = [...notTaken, ...notValid, ...damaged];
    const usable = without(units, failures);
    if (usable.length === 0) return failed(failures, []);
    yield* runStep(stepTable.backupSeal, { ...run, attempt, units: usable, failures });
    if (failures.length > 0) return failed(failures, usable);
    return problem === null ? { state: 'Succeeded' } : { state: 'Failed', error: sealedMisfit(problem) };
  }
}

/** A unit that turns out damaged only now is left out, and the certificate is made anew for what is left. */
function* certify(
  run: WorkflowInput & { readonly attempt: number },
  units: readonly Unit[],
): Workflow<{ readonly failures: UnitFailures; readonly problem: ErrorRecord | null }> {
  if (units.length === 0) return { failures: [], problem: null };
  const { failures, problem } = yield* runStep(stepTable.backupConsistency, { ...run, units: [...units] });
  if (failures.length === 0) return { failures, problem };
  const rest = yield* certify(run, without(units, failures));
  return { ...rest, failures: [...failures, ...rest.failures] };
}

/** What was uploaded is staged once; one try that was lost begins anew. */
function* importUpload(run: WorkflowInput): Workflow<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const handle = yield* runStep(stepTable.backupImportStart, { ...run, attempt });
      yield* untilDone(() => runStep(stepTable.backupImportPoll, { ...run, attempt, handle }));
      return;
    } catch (error) {
      if (attempt === maxAttempts || !LcbError.isInstance(error) || !error.retryable) throw error;
    }
  }
}

function without(units: readonly Unit[], failures: UnitFailures): Unit[] {
  return units.filter((unit) => !failures.some((failure) => failure.unit === unit));
}

function failed(failures: UnitFailures, usable: readonly Unit[]): RunOutcome {
  const [first] = failures;
  const whatFailed = failures.map(({ unit, error }) => `${unit}: ${error.message}`).join(' ');
  const whatIsLeft =
    usable.length === 0 ? 'Nothing of it is usable.' : `Usable all the same: ${usable.join(', ')}.`;
  return {
    state: 'Failed',
    error: {
      code: first?.error.code ?? 'internal',
      message: `${whatFailed} ${whatIsLeft}`,
      retryable: false,
    },
  };
}

/** Takes all units at one moment; answers which attempt did. What depends on the moment is never patched together. */
function* takeUnits(
  run: WorkflowInput,
  units: readonly Unit[],
  first: number,
): Workflow<{ readonly attempt: number; readonly failures: UnitFailures }> {
  for (let attempt = first; ; attempt += 1) {
    const { failures, again } = yield* databaseFirst({ ...run, attempt }, units);
    if (!again) return { attempt, failures };
  }
}

/**
 * Strategy `databaseFirst` (requirements 5.2): the database's moment first, the library at once after it. Files that
 * come in between are in the library and not in the database, which does no harm.
 */
function* databaseFirst(
  run: WorkflowInput & { readonly attempt: number },
  units: readonly Unit[],
): Workflow<{ readonly failures: UnitFailures; readonly again: boolean }> {
  const failures: UnitFailures = [];
  const isPair = units.includes('database') && units.includes('documentLibrary');
  const parts = [
    ...(isPair ? [{ unit: 'documentLibrary', take: listEarlier } as const] : []),
    { unit: 'database', take: dumpDatabase } as const,
    { unit: 'documentLibrary', take: copyLibrary } as const,
  ];
  for (const { unit, take } of parts) {
    if (!units.includes(unit) || failures.some((failure) => failure.unit === unit)) continue;
    try {
      yield* take(run);
    } catch (error) {
      if (endsRun(error)) throw error;
      failures.push({ unit, error: errorRecord(error) });
      // In the last attempt the other unit is taken all the same: it must be there to be sealed.
      const again = run.attempt < maxAttempts && LcbError.isInstance(error) && error.retryable;
      if (again) return { failures, again };
    }
  }
  return { failures, again: false };
}

/** What the library was like before the database's moment: by it is told who is to blame for what does not fit. */
function* listEarlier(run: WorkflowInput & { readonly attempt: number }): Workflow<void> {
  yield* runStep(stepTable.backupLibraryPrelist, run);
}

function* dumpDatabase(run: WorkflowInput & { readonly attempt: number }): Workflow<void> {
  const handle = yield* runStep(stepTable.backupDatabaseStart, run);
  yield* untilDone(() => runStep(stepTable.backupDatabasePoll, { ...run, handle }));
}

function* copyLibrary(run: WorkflowInput & { readonly attempt: number }): Workflow<void> {
  const { shards } = yield* runStep(stepTable.backupLibraryPlan, run);
  yield* copyShards(stepTable.backupLibraryCopy, shards, (place) => ({ ...run, ...place }));
  yield* runStep(stepTable.backupLibraryFold, { ...run, shards });
}
