import { LcbError } from '../errors/lcb-error.ts';
import type { State } from '../model/state.ts';
import type { RunOutcome } from '../ports/catalog.ts';
import { maxAttempts } from './backup.ts';
import type { Workflow } from './command.ts';
import { copyShards } from './copy-shards.ts';
import { endsRun, failureOutcome } from './outcome.ts';
import { untilDone } from './poll-operation.ts';
import { stepTable } from './step-table.ts';
import type { WorkflowInput } from './workflow-input.ts';
import { runStep } from './yield-step.ts';

/** Plan, database, library, validation; and `finish`, whatever happened. Answers with the final state. */
export function* restoreWorkflow(run: WorkflowInput): Workflow<State> {
  let outcome: RunOutcome = { state: 'Succeeded' };
  try {
    const { units, parts } = yield* runStep(stepTable.restorePlan, run);
    if (units.includes('database')) yield* loadDatabase(run);
    if (units.includes('documentLibrary')) {
      yield* copyShards(stepTable.restoreLibraryCopy, parts, (place) => ({ ...run, ...place }));
    }
    yield* runStep(stepTable.restoreValidate, run);
    if (units.includes('database')) yield* tellToReindex(run);
  } catch (error) {
    outcome = failureOutcome(error);
  }
  const { state } = yield* runStep(stepTable.restoreFinish, { ...run, outcome });
  return state;
}

/** A restore whose hook fails is good all the same: the step has recorded it, and a person is told. */
function* tellToReindex(run: WorkflowInput): Workflow<void> {
  try {
    yield* runStep(stepTable.restoreReindex, run);
  } catch (error) {
    if (endsRun(error)) throw error;
  }
}

/** A load that was lost begins anew. */
function* loadDatabase(run: WorkflowInput): Workflow<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const handle = yield* runStep(stepTable.restoreDatabaseStart, { ...run, attempt });
      yield* untilDone(() => runStep(stepTable.restoreDatabasePoll, { ...run, handle }));
      return;
    } catch (error) {
      if (attempt === maxAttempts || !LcbError.isInstance(error) || !error.retryable) throw error;
    }
  }
}
