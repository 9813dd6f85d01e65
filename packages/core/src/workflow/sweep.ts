import type { Swept } from '../model/run.ts';
import type { State } from '../model/state.ts';
import type { RunOutcome } from '../ports/catalog.ts';
import type { Workflow } from './command.ts';
import { failureOutcome } from './outcome.ts';
import { type SweepCursor, stepTable } from './step-table.ts';
import type { WorkflowInput } from './workflow-input.ts';
import { runStep } from './yield-step.ts';

/** Each call lasts for minutes, and backups of the environment wait meanwhile: what is left then is for the next sweep. */
export const mostSweepCalls = 12;

/** Removes, call by call, what no kept backup needs. */
export function* sweepWorkflow(run: WorkflowInput): Workflow<State> {
  let outcome: RunOutcome = { state: 'Succeeded' };
  let swept: Swept = { objects: 0, bytes: 0, isComplete: false };
  try {
    const { dead } = yield* runStep(stepTable.sweepPlan, run);
    let after: SweepCursor | null = null;
    for (let call = 0; dead > 0 && call < mostSweepCalls; call += 1) {
      const removed: Pick<Swept, 'objects' | 'bytes'> & { readonly after: SweepCursor | null } =
        yield* runStep(stepTable.sweepRemove, { ...run, after });
      after = removed.after;
      swept = {
        objects: swept.objects + removed.objects,
        bytes: swept.bytes + removed.bytes,
        isComplete: after === null,
      };
      if (after === null) break;
    }
    if (dead === 0) swept = { ...swept, isComplete: true };
  } catch (error) {
    outcome = failureOutcome(error);
  }
  const { state } = yield* runStep(stepTable.sweepFinish, { ...run, outcome, swept });
  return state;
}
