import type { Json } from '../model/values.ts';
import type { StepName } from './step-table.ts';

/** One step to be run. Its outcome, value or error, is recorded once and replayed ever after. */
export interface StepCommand {
  readonly kind: 'step';
  readonly step: StepName;
  readonly input: Json;
}

/**
 * What a workflow asks its engine to do. A workflow is a deterministic generator: no I/O, no clock, no random number;
 * everything that it knows comes back through `next` (a step's output, in `all` an array of them) or `throw`.
 */
export type Command =
  | StepCommand
  /** Runs steps side by side, at most `concurrency` at once. The first failure is thrown once all have ended. */
  | { readonly kind: 'all'; readonly steps: readonly StepCommand[]; readonly concurrency: number }
  /** Waits durably. */
  | { readonly kind: 'sleep'; readonly seconds: number };

export type Workflow<Output> = Generator<Command, Output, unknown>;
