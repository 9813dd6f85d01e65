import { describe, expect, it } from 'vitest';
import { broken, cancelled, outcomeOf, play, run, withLuck } from '../testing/scripted-run.ts';
import { deleteWorkflow } from './delete.ts';

const everyStep = ['delete.plan', 'delete.record', 'delete.finish'];

describe('the delete workflow', () => {
  it('plans, writes the record and finishes', () => {
    const { steps, end } = play(deleteWorkflow(run), (command) => withLuck(command, 'good'));
    expect(steps.map(({ command }) => command.step)).toEqual(everyStep);
    expect(end).toEqual({ output: 'Succeeded' });
  });

  it.each([
    ['Cancelled', cancelled],
    ['Failed', broken],
  ])('finishes as %s, at whichever step it ends', (state, error) => {
    for (const at of [0, 1]) {
      const { steps, end } = play(deleteWorkflow(run), (command, position) =>
        position === at ? { error } : withLuck(command, 'good'),
      );
      expect(steps.map(({ command }) => command.step)).toEqual([
        ...everyStep.slice(0, at + 1),
        'delete.finish',
      ]);
      const last = steps.at(-1);
      expect(last && outcomeOf(last.command).state).toBe(state);
      expect(end).toEqual({ output: state });
    }
  });
});
