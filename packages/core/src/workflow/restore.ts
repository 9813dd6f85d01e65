import { errorRecord, LcbError } from '../errors/lcb-error.ts';
import type { State } from '../model/state.ts';
import type { Unit } from '../model/unit.ts';
import type { RunOutcome } from '../ports/catalog.ts';
import type { Artefact } from '../ports/database-engine.ts';
import type { Workflow } from './command.ts';
import { copyShards } from './copy-shards.ts';
import { failureOutcome } from './outcome.ts';
import { untilDone } from './poll-operation.ts';
import { restoreSearch } from './search.ts';
import { stepTable } from './step-table.ts';
import { untilAttempted } from './until-attempted.ts';
import type { WorkflowInput } from './workflow-input.ts';
import { runStep } from './yield-step.ts';

/** The restore itself, or the way back to the safety backup: the same steps, with another backup. */
type Restoring = WorkflowInput & { readonly rollback: boolean };

/** Plan, database, library, validation, swap; and `finish`, whatever happened. Answers with the final state. */
export function* restoreWorkflow(run: WorkflowInput): Workflow<State> {
  let outcome: RunOutcome = { state: 'Succeeded' };
  try {
    yield* restore(run);
  } catch (error) {
    outcome = failureOutcome(error);
  }
  const { state } = yield* runStep(stepTable.restoreFinish, { ...run, outcome });
  return state;
}

function* restore(run: WorkflowInput): Workflow<void> {
  const { units, mode, rollsBack, scripts } = yield* runStep(stepTable.restorePlan, run);
  try {
    yield* write({ ...run, rollback: false }, units);
    if (scripts > 0) yield* runScripts(run);
  } catch (error) {
    if (!rollsBack || isLeaseLost(error)) throw error;
    throw yield* rollBack(run, error);
  }
  if (mode === 'swap') yield* runStep(stepTable.restoreSwap, run);
  if (units.includes('database')) yield* tellToReindex(run);
}

/** A restore whose hook fails is good all the same: the step has recorded it, and a person is told. */
function* tellToReindex(run: WorkflowInput): Workflow<void> {
  try {
    yield* runStep(stepTable.restoreReindex, run);
  } catch (error) {
    if (isLeaseLost(error)) throw error;
  }
}

/** Once only: statements that ran twice would not be what was asked for. */
function* runScripts(run: WorkflowInput): Workflow<void> {
  const handle = yield* runStep(stepTable.restoreScriptsStart, run);
  yield* untilDone(() => runStep(stepTable.restoreScriptsPoll, { ...run, handle }));
}

/** What the target holds becomes what the backup holds. */
function* write(run: Restoring, units: readonly Unit[]): Workflow<void> {
  let plan: Artefact | undefined;
  if (units.includes('database')) yield* loadDatabase(run);
  if (units.includes('documentLibrary')) plan = yield* restoreLibrary(run);
  if (units.includes('search')) yield* restoreSearch(run);
  if (units.includes('database')) yield* runStep(stepTable.restoreGenerated, run);
  yield* runStep(stepTable.restoreValidate, { ...run, ...(plan === undefined ? {} : { plan }) });
  if (!run.rollback && plan !== undefined && units.includes('database')) yield* certify(run, plan);
}

/** Every restore of both units ends with a certificate of the pair that is there now. */
function* certify({ runId, projectId }: Restoring, plan: Artefact): Workflow<void> {
  const run = { runId, projectId };
  yield* untilAttempted(function* exportRows(attempt) {
    const handle = yield* runStep(stepTable.restoreRowsStart, { ...run, attempt });
    yield* untilDone(() => runStep(stepTable.restoreRowsPoll, { ...run, handle }));
  });
  const { findings } = yield* runStep(stepTable.restoreCertify, { ...run, plan });
  yield* runStep(stepTable.restoreUnreferenced, { ...run, findings });
}

function* loadDatabase(run: Restoring): Workflow<void> {
  yield* untilAttempted(function* load(attempt) {
    const handle = yield* runStep(stepTable.restoreDatabaseStart, { ...run, attempt });
    yield* untilDone(() => runStep(stepTable.restoreDatabasePoll, { ...run, handle }));
  });
}

function* restoreLibrary(run: Restoring): Workflow<Artefact> {
  const { plan, ...shards } = yield* runStep(stepTable.restoreLibraryPlan, run);
  yield* copyShards(stepTable.restoreLibraryCopy, shards, (place) => ({ ...run, plan, ...place }));
  for (let after: string | null = ''; after !== null; ) {
    ({ after } = yield* runStep(stepTable.restoreLibraryRemove, { ...run, plan, after }));
  }
  return plan;
}

/**
 * A restore in place that failed half-way leaves the environment as it was before: of the units that it had begun to write,
 * the safety backup is restored over what is there. Answers with the error that the run ends with.
 */
function* rollBack(run: WorkflowInput, cause: unknown): Workflow<LcbError> {
  const { code, message } = errorRecord(cause);
  const back = { ...run, rollback: true };
  try {
    const { units } = yield* runStep(stepTable.restoreRollback, back);
    if (units.length === 0)
      return new LcbError({ code, message: `${message} Nothing had been replaced yet.` });
    yield* write(back, units);
    return new LcbError({
      code,
      message: `${message} The environment was rolled back: it is as the safety backup holds it.`,
    });
  } catch (error) {
    if (isLeaseLost(error)) throw error;
    return new LcbError({
      code: 'restore.rollbackFailed',
      message: `${message} Rolling back to the safety backup failed, too: ${errorRecord(error).message} The environment is not usable as it is: restore the safety backup in place.`,
    });
  }
}

function isLeaseLost(thrown: unknown): boolean {
  return LcbError.isInstance(thrown) && thrown.code === 'lease.lost';
}
