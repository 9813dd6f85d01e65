import type { State } from '../model/state.ts';
import type { RunOutcome } from '../ports/catalog.ts';
import type { Workflow } from './command.ts';
import { copyShards } from './copy-shards.ts';
import { failureOutcome } from './outcome.ts';
import { stepTable } from './step-table.ts';
import type { WorkflowInput } from './workflow-input.ts';
import { runStep } from './yield-step.ts';

/**
 * Copies a backup into another location: what hangs from its manifest, then the library's objects with an index of their
 * own, then the checks and a manifest; and `finish`, whatever happened. Answers with the final state.
 */
export function* copyWorkflow(run: WorkflowInput): Workflow<State> {
  let outcome: RunOutcome = { state: 'Succeeded' };
  try {
    const { parts, shardsAtOnce } = yield* runStep(stepTable.copyPlan, run);
    for (let cursor: number | null = 0; cursor !== null; ) {
      const copied: { readonly cursor: number | null } = yield* runStep(stepTable.copyArtefacts, {
        ...run,
        cursor,
      });
      ({ cursor } = copied);
    }
    if (parts > 0) {
      yield* copyShards(stepTable.copyLibrary, { shards: parts, shardsAtOnce }, (place) => ({
        ...run,
        ...place,
      }));
      yield* runStep(stepTable.copyFold, { ...run, parts });
    }
    yield* runStep(stepTable.copyValidate, run);
    yield* runStep(stepTable.copySeal, run);
  } catch (error) {
    outcome = failureOutcome(error);
  }
  const { state } = yield* runStep(stepTable.copyFinish, { ...run, outcome });
  return state;
}
