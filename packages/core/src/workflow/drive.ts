import type { Command, StepCommand, Workflow } from './command.ts';

/** What an engine does for a workflow. Each call must be recorded by the engine and replayed after a crash. */
export interface Engine {
  step(command: StepCommand): Promise<unknown>;
  sleep(seconds: number): Promise<void>;
}

/** Drives a workflow to its end: the same for every engine that runs our generators. */
export async function drive<Output>(workflow: Workflow<Output>, engine: Engine): Promise<Output> {
  let turn = workflow.next();
  while (!turn.done) {
    let answer: unknown;
    try {
      answer = await perform(turn.value, engine);
    } catch (error) {
      turn = workflow.throw(error);
      continue;
    }
    turn = workflow.next(answer);
  }
  return turn.value;
}

async function perform(command: Command, engine: Engine): Promise<unknown> {
  switch (command.kind) {
    case 'step':
      return engine.step(command);
    case 'sleep':
      return engine.sleep(command.seconds);
    case 'all':
      return inWaves(command.steps, command.concurrency, engine);
  }
}

/**
 * Waves rather than a moving window: which steps are begun must not depend on which of them ends first, or a replay
 * would ask for them in another order than the journal has them.
 */
async function inWaves(
  steps: readonly StepCommand[],
  concurrency: number,
  engine: Engine,
): Promise<unknown[]> {
  const outputs: unknown[] = [];
  for (let start = 0; start < steps.length; start += concurrency) {
    const wave = steps.slice(start, start + concurrency).map((step) => engine.step(step));
    const settled = await Promise.allSettled(wave);
    for (const result of settled) {
      if (result.status === 'rejected') throw result.reason;
      outputs.push(result.value);
    }
  }
  return outputs;
}
