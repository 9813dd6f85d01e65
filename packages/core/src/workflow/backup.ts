import type { State } from '../model/state.ts';
import type { Unit } from '../model/unit.ts';
import type { RunOutcome } from '../ports/catalog.ts';
import type { Workflow } from './command.ts';
import { databaseFirst } from './database-first.ts';
import { failureOutcome } from './outcome.ts';
import { quiesced } from './quiesced.ts';
import { stepTable, type UnitFailures } from './step-table.ts';
import type { WorkflowInput } from './workflow-input.ts';
import { runStep } from './yield-step.ts';

export { maxAttempts } from './database-first.ts';

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

/** Units that failed leave the others usable: those are sealed, and the backup is Failed all the same. */
function* takeBackup(run: WorkflowInput): Workflow<RunOutcome> {
  const { units, consistency } = yield* runStep(stepTable.backupPlan, run);
  const take = consistency === 'quiesce' ? quiesced : databaseFirst;
  const { attempt, failures: notTaken } = yield* takeUnits(run, units, take);
  const taken = without(units, notTaken);
  if (taken.length === 0) return failed(notTaken, []);
  const { failures: notValid } = yield* runStep(stepTable.backupValidate, { ...run, attempt, units: taken });
  const failures = [...notTaken, ...notValid];
  const usable = without(taken, notValid);
  if (usable.length === 0) return failed(failures, []);
  yield* runStep(stepTable.backupSeal, { ...run, attempt, units: usable, failures });
  return failures.length === 0 ? { state: 'Succeeded' } : failed(failures, usable);
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
  take: typeof databaseFirst,
): Workflow<{ readonly attempt: number; readonly failures: UnitFailures }> {
  for (let attempt = 1; ; attempt += 1) {
    const { failures, again } = yield* take({ ...run, attempt }, units);
    if (!again) return { attempt, failures };
  }
}
