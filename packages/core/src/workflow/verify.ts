import type { State } from '../model/state.ts';
import type { RunOutcome } from '../ports/catalog.ts';
import type { Workflow } from './command.ts';
import { failureOutcome } from './outcome.ts';
import { untilDone } from './poll-operation.ts';
import { stepTable } from './step-table.ts';
import { untilAttempted } from './until-attempted.ts';
import type { WorkflowInput } from './workflow-input.ts';
import { runStep } from './yield-step.ts';

/**
 * Verifies a backup by restoring its database: load, count, compare the rows with the backup's index; and `finish`, which
 * drops what was loaded, whatever happened.
 */
export function* verifyWorkflow(run: WorkflowInput): Workflow<State> {
  let outcome: RunOutcome = { state: 'Succeeded' };
  try {
    yield* verify(run);
  } catch (error) {
    outcome = failureOutcome(error);
  }
  const { state } = yield* runStep(stepTable.verifyFinish, { ...run, outcome });
  return state;
}

function* verify(run: WorkflowInput): Workflow<void> {
  const { certifies } = yield* runStep(stepTable.verifyPlan, run);
  yield* untilAttempted(function* load(attempt) {
    const handle = yield* runStep(stepTable.verifyDatabaseStart, { ...run, attempt });
    yield* untilDone(() => runStep(stepTable.verifyDatabasePoll, { ...run, handle }));
  });
  if (!certifies) return;
  yield* untilAttempted(function* exportRows(attempt) {
    const handle = yield* runStep(stepTable.verifyRowsStart, { ...run, attempt });
    yield* untilDone(() => runStep(stepTable.verifyRowsPoll, { ...run, handle }));
  });
  yield* runStep(stepTable.verifyCertify, run);
}
