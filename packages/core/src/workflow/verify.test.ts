import { describe, expect, it } from 'vitest';
import { broken, busy, cancelled, field, outcomeOf, play, run, withLuck } from '../testing/scripted-run.ts';
import { verifyWorkflow } from './verify.ts';

const names = (journal: ReturnType<typeof play>) => journal.steps.map(({ command }) => command.step);
const all = [
  'verify.plan',
  'verify.database.start',
  'verify.database.poll',
  'verify.rows.start',
  'verify.rows.poll',
  'verify.certify',
  'verify.finish',
];

describe('the workflow of a verification', () => {
  it('loads, counts, compares and drops', () => {
    const journal = play(verifyWorkflow(run), (command) => withLuck(command, 'good'));
    expect(names(journal)).toEqual(all);
    expect(journal.end).toEqual({ output: 'Succeeded' });
  });

  it('compares nothing where the backup has no library', () => {
    const journal = play(verifyWorkflow(run), (command) =>
      command.step === 'verify.plan' ? { output: { certifies: false } } : withLuck(command, 'good'),
    );
    expect(names(journal)).toEqual([...all.slice(0, 3), 'verify.finish']);
  });

  it('begins a lost load anew, under a new number, three times in all', () => {
    const journal = play(verifyWorkflow(run), (command) =>
      withLuck(command, command.step === 'verify.database.poll' ? 'busy' : 'good'),
    );
    const starts = journal.steps.filter(({ command }) => command.step === 'verify.database.start');
    expect(starts.map(({ command }) => field(command, 'attempt'))).toEqual([1, 2, 3]);
    const last = journal.steps.at(-1);
    expect(last && outcomeOf(last.command).error?.code).toBe(busy.code);
  });

  it.each([
    ['Cancelled', cancelled],
    ['Failed', broken],
  ])('finishes as %s, at whichever step it ends', (state, error) => {
    for (const at of all.slice(0, -1).keys()) {
      const journal = play(verifyWorkflow(run), (command, position) =>
        position === at ? { error } : withLuck(command, 'good'),
      );
      expect(names(journal)).toEqual([...all.slice(0, at + 1), 'verify.finish']);
      const last = journal.steps.at(-1);
      expect(last && outcomeOf(last.command).state).toBe(state);
      expect(journal.end).toEqual({ output: state });
    }
  });
});
