import { readIndex } from '../library/base.ts';
import type { Restore } from '../model/run.ts';
import type { RunOutcome } from '../ports/catalog.ts';
import type { WorkflowInput } from '../workflow/workflow-input.ts';
import { type FinalState, finishRun } from './finish-run.ts';
import { openSource } from './restore-plan.ts';
import { loadRestore, projectOf, type StepContext } from './step-context.ts';

type Input = WorkflowInput & { readonly outcome: RunOutcome };

/** Ends the restore. One that did not succeed leaves nothing in its target, which was empty before. */
export async function finishRestore(input: Input, context: StepContext): Promise<{ state: FinalState }> {
  const restore = await loadRestore(context, input);
  const { projectId, backup } = restore.request;
  const anchor = { projectId, environment: backup.environment, location: backup.location };
  const settle = async () => {
    await context.provider.stopOperations(restore.runId);
    if (input.outcome.state !== 'Succeeded') await clearTarget(restore, input, context);
    return input.outcome;
  };
  return finishRun({ run: restore, anchor, settle }, context);
}

async function clearTarget(restore: Restore, input: Input, context: StepContext): Promise<void> {
  const { units, target } = restore.request;
  const project = projectOf(context, input);
  for (const unit of units) {
    const status = restore.units[unit];
    // Not claimed by the plan: whatever is there was there before.
    const claimed = status !== undefined && status.state !== 'Pending';
    if (claimed && unit === 'database' && target.database !== undefined) {
      await context.provider.discardRestoredDatabase(target.database, restore.runId);
    }
    if (claimed && unit === 'documentLibrary' && target.documentLibrary !== undefined) {
      const { manifest, backup } = await openSource(input, context);
      const library = context.provider.objectStore(target.documentLibrary.location);
      await library.deleteMany(
        keysOf(readIndex(context.provider.objectStore(backup.location), backup, manifest)),
      );
    }
    const { outcome } = input;
    await project.setUnit(context.lease, unit, {
      state: outcome.state === 'Cancelled' ? 'Cancelled' : 'Failed',
      completedAt: context.clock.now(),
      ...(outcome.state === 'Failed' ? { error: outcome.error } : {}),
    });
  }
}

/** Without the versions of the copies: those are of another store. */
async function* keysOf(
  rows: AsyncIterable<{ readonly key: string }>,
): AsyncGenerator<{ readonly key: string }> {
  for await (const { key } of rows) yield { key };
}
