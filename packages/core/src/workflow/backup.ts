import { sealedMisfit } from '../consistency/inconsistency.ts';
import { type ErrorRecord, LcbError } from '../errors/lcb-error.ts';
import type { State } from '../model/state.ts';
import type { Unit } from '../model/unit.ts';
import type { RunOutcome } from '../ports/catalog.ts';
import type { Workflow } from './command.ts';
import { databaseFirst, exactMoment, maxAttempts } from './database-first.ts';
import { failureOutcome } from './outcome.ts';
import { untilDone } from './poll-operation.ts';
import { quiesced } from './quiesced.ts';
import { stepTable, type UnitFailures } from './step-table.ts';
import type { WorkflowInput } from './workflow-input.ts';
import { runStep } from './yield-step.ts';

export { maxAttempts };

const strategies = { databaseFirst, exact: exactMoment, quiesce: quiesced };

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
  const { units, consistency, imports, whyNotExact } = yield* runStep(stepTable.backupPlan, run);
  const take = strategies[consistency];
  if (imports) yield* importUpload(run);
  for (let first = 1; ; ) {
    const { attempt, failures: notTaken } = yield* takeUnits(run, units, { take, first });
    const taken = without(units, notTaken);
    if (taken.length === 0) return failed(notTaken, []);
    const { failures: notValid } = yield* runStep(stepTable.backupValidate, {
      ...run,
      attempt,
      units: taken,
    });
    if (attempt < maxAttempts && notValid.some(({ error }) => error.retryable)) {
      first = attempt + 1;
      continue;
    }
    const { failures: damaged, problem } = yield* certify({ ...run, attempt }, without(taken, notValid));
    if (problem?.retryable && attempt < maxAttempts) {
      first = attempt + 1;
      continue;
    }
    const failures = [...notTaken, ...notValid, ...damaged];
    const usable = without(units, failures);
    if (usable.length === 0) return failed(failures, []);
    yield* runStep(stepTable.backupSeal, {
      ...run,
      attempt,
      units: usable,
      failures,
      ...(whyNotExact === undefined ? {} : { whyNotExact }),
    });
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
  { take, first }: { readonly take: typeof databaseFirst; readonly first: number },
): Workflow<{ readonly attempt: number; readonly failures: UnitFailures }> {
  for (let attempt = first; ; attempt += 1) {
    const { failures, again } = yield* take({ ...run, attempt }, units);
    if (!again) return { attempt, failures };
  }
}
