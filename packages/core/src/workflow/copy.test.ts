import { describe, expect, it } from 'vitest';
import { broken, cancelled, outcomeOf, play, run, withLuck } from '../testing/scripted-run.ts';
import { copyWorkflow } from './copy.ts';

const everyStep = [
  'copy.plan',
  'copy.artefacts',
  'copy.library',
  'copy.library',
  'copy.fold',
  'copy.validate',
  'copy.seal',
  'copy.finish',
];

describe('the copy workflow', () => {
  it('copies artefacts and library, checks, seals and finishes', () => {
    const { steps, end } = play(copyWorkflow(run), (command) => withLuck(command, 'good'));
    expect(steps.map(({ command }) => command.step)).toEqual(everyStep);
    expect(end).toEqual({ output: 'Succeeded' });
  });

  it('goes on where a step had to stop', () => {
    const { steps } = play(copyWorkflow(run), (command) =>
      command.step === 'copy.artefacts' && JSON.stringify(command.input).includes('"cursor":0')
        ? { output: { cursor: 2 } }
        : withLuck(command, 'good'),
    );
    const artefacts = steps.filter(({ command }) => command.step === 'copy.artefacts');
    expect(artefacts.map(({ command }) => command.input)).toEqual([
      { ...run, cursor: 0 },
      { ...run, cursor: 2 },
    ]);
  });

  it('leaves the library out where the backup has none', () => {
    const { steps, end } = play(copyWorkflow(run), (command) =>
      command.step === 'copy.plan' ? { output: { artefacts: 3, parts: 0 } } : withLuck(command, 'good'),
    );
    expect(steps.map(({ command }) => command.step)).toEqual(
      everyStep.filter((step) => step !== 'copy.library' && step !== 'copy.fold'),
    );
    expect(end).toEqual({ output: 'Succeeded' });
  });

  it.each([
    ['Cancelled', cancelled],
    ['Failed', broken],
  ])('finishes as %s, at whichever step it ends', (state, error) => {
    for (const at of everyStep.slice(0, -1).keys()) {
      const { steps, end } = play(copyWorkflow(run), (command, position) =>
        position === at ? { error } : withLuck(command, 'good'),
      );
      const last = steps.at(-1);
      expect(last?.command.step).toBe('copy.finish');
      expect(last && outcomeOf(last.command).state).toBe(state);
      expect(end).toEqual({ output: state });
    }
  });
});
