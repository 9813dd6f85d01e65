import { z } from 'zod';
import { jsonSchema } from '../model/values.ts';
import type { StepCommand, Workflow } from './command.ts';
import type { StepDefinition, StepName } from './step-table.ts';

function command<I extends z.ZodType, O extends z.ZodType>(
  step: StepDefinition<StepName, I, O>,
  input: z.input<I>,
): StepCommand {
  return { kind: 'step', step: step.name, input: jsonSchema.parse(input) };
}

/** Asks for one step and gives its output its type. */
export function* runStep<I extends z.ZodType, O extends z.ZodType>(
  step: StepDefinition<StepName, I, O>,
  input: z.input<I>,
): Workflow<z.output<O>> {
  return step.output.parse(yield command(step, input));
}

/** Asks for the same step on many inputs, side by side; outputs in the order of the inputs. */
export function* runAll<I extends z.ZodType, O extends z.ZodType>(
  step: StepDefinition<StepName, I, O>,
  inputs: readonly z.input<I>[],
  concurrency: number,
): Workflow<readonly z.output<O>[]> {
  if (inputs.length === 0) return [];
  const steps = inputs.map((input) => command(step, input));
  const outputs = z.array(z.unknown()).parse(yield { kind: 'all', steps, concurrency });
  return outputs.map((output) => step.output.parse(output));
}
