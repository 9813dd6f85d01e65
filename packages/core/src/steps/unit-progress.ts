import { CancelledError } from '../errors/errors.ts';
import type { Unit } from '../model/unit.ts';
import type { WorkflowInput } from '../workflow/workflow-input.ts';
import { projectOf, type StepContext } from './step-context.ts';

/** The catalog gets at most one row per unit in this many milliseconds. */
const interval = 1000;

/** Which of how many shards a step works on. Shards hold about the same work each and are taken in order. */
export interface ShardPlace {
  readonly shard: number;
  readonly shards: number;
}

/**
 * Counts what a copying step did and tells the catalog from time to time; on the same occasion reads the cancel flag,
 * so that long copying stops soon. Progress only grows, although shards report side by side.
 */
export function unitProgress(
  context: StepContext,
  input: WorkflowInput & { readonly rollback?: boolean },
  unit: Unit,
  expectedBytes: number,
  { shard, shards }: ShardPlace,
): (copied: { readonly objects: number; readonly bytes: number }) => Promise<void> {
  const project = projectOf(context, input);
  let bytes = 0;
  let last = Date.parse(context.clock.now());
  return async (copied) => {
    bytes += copied.bytes;
    const now = Date.parse(context.clock.now());
    if (now - last < interval) return;
    last = now;
    const run = await project.run(input.runId);
    if (run?.cancelRequested && input.rollback !== true) throw new CancelledError(input.runId);
    const ofShard = expectedBytes === 0 ? 0 : Math.min(1, (bytes * shards) / expectedBytes);
    const progress = Math.min(99, Math.floor((100 * (shard + ofShard)) / shards));
    if (progress > (run?.units[unit]?.progress ?? 0))
      await project.setUnit(context.lease, unit, { progress });
  };
}
