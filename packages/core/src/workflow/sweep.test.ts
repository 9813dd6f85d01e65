import { describe, expect, it } from 'vitest';
import { broken, cancelled, field, outcomeOf, play, run, withLuck } from '../testing/scripted-run.ts';
import { mostSweepCalls, sweepWorkflow } from './sweep.ts';

const names = (journal: ReturnType<typeof play>) => journal.steps.map(({ command }) => command.step);
const cursor = { backupId: 'retail-prd-backup-20251109-143000', key: 'k' };

describe('the sweep workflow', () => {
  it('removes call by call, from where the one before came to, and adds up', () => {
    const ends = [cursor, cursor, null];
    const journal = play(sweepWorkflow(run), (command) =>
      command.step === 'sweep.remove'
        ? { output: { objects: 2, bytes: 30, after: ends.shift() ?? null } }
        : withLuck(command, 'good'),
    );
    expect(names(journal)).toEqual(['sweep.plan', ...Array(3).fill('sweep.remove'), 'sweep.finish']);
    expect(journal.steps.slice(1, 4).map(({ command }) => field(command, 'after'))).toEqual([
      null,
      cursor,
      cursor,
    ]);
    const last = journal.steps.at(-1);
    expect(last && field(last.command, 'swept')).toEqual({ objects: 6, bytes: 90, isComplete: true });
  });

  it('removes nothing where nothing is dead', () => {
    const journal = play(sweepWorkflow(run), (command) =>
      command.step === 'sweep.plan' ? { output: { dead: 0 } } : withLuck(command, 'good'),
    );
    expect(names(journal)).toEqual(['sweep.plan', 'sweep.finish']);
    const last = journal.steps.at(-1);
    expect(last && field(last.command, 'swept')).toEqual({ objects: 0, bytes: 0, isComplete: true });
  });

  it('leaves the rest to the next one after a while', () => {
    const journal = play(sweepWorkflow(run), (command) =>
      command.step === 'sweep.remove'
        ? { output: { objects: 1, bytes: 1, after: cursor } }
        : withLuck(command, 'good'),
    );
    expect(names(journal)).toHaveLength(mostSweepCalls + 2);
    const last = journal.steps.at(-1);
    expect(last && field(last.command, 'swept')).toMatchObject({
      objects: mostSweepCalls,
      isComplete: false,
    });
    expect(journal.end).toEqual({ output: 'Succeeded' });
  });

  it.each([
    ['Cancelled', cancelled],
    ['Failed', broken],
  ])('finishes as %s, at whichever step it ends', (state, error) => {
    for (const at of [0, 1]) {
      const journal = play(sweepWorkflow(run), (command, position) =>
        position === at ? { error } : withLuck(command, 'good'),
      );
      expect(names(journal).at(-1)).toBe('sweep.finish');
      const last = journal.steps.at(-1);
      expect(last && outcomeOf(last.command).state).toBe(state);
      expect(journal.end).toEqual({ output: state });
    }
  });
});
