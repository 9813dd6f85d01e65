import type { z } from 'zod';
import type { ShardProgress } from '../ports/backup-provider.ts';
import type { Workflow } from './command.ts';
import type { StepDefinition, StepName } from './step-table.ts';
import { runAll } from './yield-step.ts';

/** Of a plan: into how many shards the work is cut, and how many of them are worked on side by side. */
export interface PlannedShards {
  readonly shards: number;
  readonly shardsAtOnce: number;
}

/** Calls a copying step on every shard, and again with the cursor that it handed on, until all are done. */
export function* copyShards<I extends z.ZodType, O extends z.ZodType<ShardProgress>>(
  step: StepDefinition<StepName, I, O>,
  { shards, shardsAtOnce }: PlannedShards,
  input: (place: { readonly shard: number; readonly shards: number; readonly cursor: number }) => z.input<I>,
): Workflow<void> {
  let open = Array.from({ length: shards }, (_, shard) => ({ shard, cursor: 0 }));
  while (open.length > 0) {
    const results: readonly ShardProgress[] = yield* runAll(
      step,
      open.map(({ shard, cursor }) => input({ shard, shards, cursor })),
      shardsAtOnce,
    );
    open = open.flatMap(({ shard }, index) => {
      const cursor = results[index]?.cursor ?? null;
      return cursor === null ? [] : [{ shard, cursor }];
    });
  }
}
