import { LcbError } from '../errors/lcb-error.ts';
import type { Workflow } from './command.ts';
import { type AttemptInput, maxAttempts } from './database-first.ts';
import { untilDone } from './poll-operation.ts';
import { stepTable } from './step-table.ts';
import type { WorkflowInput } from './workflow-input.ts';
import { runStep } from './yield-step.ts';

export function* snapshotSearch(run: AttemptInput): Workflow<void> {
  const handle = yield* runStep(stepTable.backupSearchStart, run);
  yield* untilDone(() => runStep(stepTable.backupSearchPoll, { ...run, handle }));
}

/** One that was lost, because the cluster was restarted, begins anew. */
export function* restoreSearch({ runId, projectId }: WorkflowInput): Workflow<void> {
  const run = { runId, projectId };
  for (let attempt = 1; ; attempt += 1) {
    try {
      const handle = yield* runStep(stepTable.restoreSearchStart, { ...run, attempt });
      yield* untilDone(() => runStep(stepTable.restoreSearchPoll, { ...run, handle }));
      return;
    } catch (error) {
      if (attempt === maxAttempts || !LcbError.isInstance(error) || !error.retryable) throw error;
    }
  }
}
