import { describe, expect, it } from 'vitest';
import { turn } from '../testing/streams.ts';
import type { StepCommand, Workflow } from './command.ts';
import { drive, type Engine } from './drive.ts';

const step = (input: number): StepCommand => ({ kind: 'step', step: 'backup.plan', input });
const boom = new Error('broken');

/** Takes more turns for smaller numbers, so that later steps end first; fails for those named. */
function engine(failing: readonly number[] = []) {
  const begun: unknown[] = [];
  const ended: unknown[] = [];
  const slept: number[] = [];
  let running = 0;
  let most = 0;
  const services: Engine = {
    async step({ input }) {
      begun.push(input);
      running += 1;
      most = Math.max(most, running);
      for (let turns = 10 - Number(input); turns > 0; turns -= 1) await turn();
      running -= 1;
      ended.push(input);
      if (failing.includes(Number(input))) throw boom;
      return `done ${String(input)}`;
    },
    async sleep(seconds) {
      slept.push(seconds);
    },
  };
  return { services, begun, ended, slept, most: () => most };
}

function* all(inputs: readonly number[], concurrency: number): Workflow<unknown> {
  return yield { kind: 'all', steps: inputs.map(step), concurrency };
}

describe('driving a workflow', () => {
  it('runs steps and waits, and hands on what came of them', async () => {
    function* workflow(): Workflow<unknown> {
      const first = yield step(1);
      yield { kind: 'sleep', seconds: 2.5 };
      return [first, yield step(2)];
    }
    const { services, slept } = engine();
    expect(await drive(workflow(), services)).toEqual(['done 1', 'done 2']);
    expect(slept).toEqual([2.5]);
  });

  it('throws what a step throws into the workflow, which may go on', async () => {
    function* workflow(): Workflow<unknown> {
      try {
        yield step(1);
      } catch (error) {
        return [error, yield step(2)];
      }
      return undefined;
    }
    expect(await drive(workflow(), engine([1]).services)).toEqual([boom, 'done 2']);
    await expect(drive(all([1], 1), engine([1]).services)).rejects.toBe(boom);
  });

  it('runs many steps in waves, whichever of them ends first', async () => {
    const { services, begun, ended, most } = engine();
    expect(await drive(all([1, 2, 3, 4, 5], 2), services)).toEqual([
      'done 1',
      'done 2',
      'done 3',
      'done 4',
      'done 5',
    ]);
    expect(begun).toEqual([1, 2, 3, 4, 5]);
    expect(ended).toEqual([2, 1, 4, 3, 5]);
    expect(most()).toBe(2);
  });

  it('throws the first failure of a wave once all of it has ended, and begins no other', async () => {
    const { services, begun, ended } = engine([1, 2]);
    await expect(drive(all([3, 1, 2, 4], 3), services)).rejects.toBe(boom);
    expect(begun).toEqual([3, 1, 2]);
    expect(ended).toHaveLength(3);
  });
});
