import { CancelledError } from '../errors/errors.ts';
import type { Unit } from '../model/unit.ts';
import type { WorkflowInput } from '../workflow/workflow-input.ts';
import { projectOf, type StepContext } from './step-context.ts';

/** The catalog gets at most one row per unit in this many milliseconds. */
const interval = 1000;

/**
 * Counts what a copying step did and tells the catalog from time to time; on the same occasion reads the cancel flag,
 * so that long copying stops soon. Shards report one by one: `done` is what this step began with.
 */
export function unitProgress(
  context: StepContext,
  input: WorkflowInput,
  unit: Unit,
  expectedBytes: number,
): (copied: { readonly objects: number; readonly bytes: number }) => Promise<void> {
  const project = projectOf(context, input);
  let bytes = 0;
  let last = Date.parse(context.clock.now());
  return async (copied) => {
    bytes += copied.bytes;
    const now = Date.parse(context.clock.now());
    if (now - last < interval) return;
    last = now;
    if (await project.cancelRequested(input.runId)) throw new CancelledError(input.runId);
    const progress = expectedBytes === 0 ? 0 : Math.min(99, Math.floor((100 * bytes) / expectedBytes));
    await project.setUnit(context.lease, unit, { progress });
  };
}
