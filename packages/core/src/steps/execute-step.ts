import { z } from 'zod';
import { CancelledError } from '../errors/errors.ts';
import { LcbError } from '../errors/lcb-error.ts';
import { type Json, jsonSchema } from '../model/values.ts';
import type { RetryPolicy, StepDefinition, StepName } from '../workflow/step-table.ts';
import { workflowInputSchema } from '../workflow/workflow-input.ts';
import { projectOf, type StepContext } from './step-context.ts';

/** A step's definition together with what it does. */
export interface BoundStep {
  readonly name: StepName;
  readonly retry: RetryPolicy;
  execute(input: unknown, context: StepContext): Promise<Json>;
  /** For how long trying again makes any sense; `undefined` where nothing limits it. */
  secondsLeft?(input: unknown, context: StepContext): Promise<number | undefined>;
}

/** Binds an implementation to its row of the step table: input and output are parsed on every call. */
export function bindStep<I extends z.ZodType, O extends z.ZodType>(
  definition: StepDefinition<StepName, I, O>,
  run: (input: z.output<I>, context: StepContext) => Promise<z.input<O>>,
  secondsLeft?: (input: z.output<I>, context: StepContext) => Promise<number | undefined>,
): BoundStep {
  const { name, retry, cancellable } = definition;
  return {
    name,
    retry,
    async execute(input, context) {
      const target = interruptibleSchema.parse(input);
      if (cancellable) await mayGoOn(target, context);
      return jsonSchema.parse(definition.output.parse(await run(definition.input.parse(input), context)));
    },
    ...(secondsLeft === undefined
      ? {}
      : { secondsLeft: (input, context) => secondsLeft(definition.input.parse(input), context) }),
  };
}

/** On the way back nobody is listened to: stopping there would leave an environment half restored. */
const interruptibleSchema = workflowInputSchema.extend({ rollback: z.boolean().default(false) });

/** Steps that can't be cancelled are the finishing ones: they find out for themselves whether the run is over. */
async function mayGoOn(target: z.infer<typeof interruptibleSchema>, context: StepContext): Promise<void> {
  await context.catalog.platform.checkLease(context.lease);
  if (target.rollback) return;
  if (await projectOf(context, target).cancelRequested(target.runId)) throw new CancelledError(target.runId);
}

/** What waiting between two tries needs; core has neither clock nor chance of its own. */
export interface RetryServices {
  /** Ends early, by throwing, when the signal fires. */
  readonly sleep: (seconds: number, signal: AbortSignal) => Promise<void>;
  /** 0 ≤ n < 1. */
  readonly random: () => number;
}

/**
 * Runs a step and tries it again while its error says `retryable` and its policy allows. Delays double, with full
 * jitter between half and the whole of them, so that many runs that were throttled together do not come back together.
 */
export async function executeWithRetry(
  step: BoundStep,
  input: unknown,
  context: StepContext,
  { sleep, random }: RetryServices,
): Promise<Json> {
  const { maxAttempts, firstDelay, maxDelay } = step.retry;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await step.execute(input, context);
    } catch (error) {
      const again =
        LcbError.isInstance(error) && error.retryable && attempt < maxAttempts && !context.signal.aborted;
      if (!again) throw error;
      const delay = Math.min(maxDelay, firstDelay * 2 ** (attempt - 1)) * (0.5 + random() / 2);
      await sleep(Math.min(delay, await mostSeconds(step, input, context)), context.signal);
    }
  }
}

/** Where it can't be found out, the next try says what is wrong. */
async function mostSeconds(step: BoundStep, input: unknown, context: StepContext): Promise<number> {
  try {
    return Math.max(0, (await step.secondsLeft?.(input, context)) ?? Number.POSITIVE_INFINITY);
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}
