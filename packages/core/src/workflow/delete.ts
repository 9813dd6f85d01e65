import type { State } from '../model/state.ts';
import type { RunOutcome } from '../ports/catalog.ts';
import type { Workflow } from './command.ts';
import { failureOutcome } from './outcome.ts';
import { stepTable } from './step-table.ts';
import type { WorkflowInput } from './workflow-input.ts';
import { runStep } from './yield-step.ts';

/**
 * Deletes a backup softly: a signed record says so, and from then on it is no base and no source of a restore. Its bytes
 * stay, because other backups may refer to them.
 */
export function* deleteWorkflow(run: WorkflowInput): Workflow<State> {
  let outcome: RunOutcome = { state: 'Succeeded' };
  try {
    yield* runStep(stepTable.deletePlan, run);
    yield* runStep(stepTable.deleteRecord, run);
  } catch (error) {
    outcome = failureOutcome(error);
  }
  const { state } = yield* runStep(stepTable.deleteFinish, { ...run, outcome });
  return state;
}
