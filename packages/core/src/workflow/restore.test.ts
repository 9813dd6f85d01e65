import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  broken,
  busy,
  cancelled,
  field,
  foreign,
  type Journal,
  leaseLost,
  luck,
  type Outcome,
  outcomeOf,
  play,
  run,
  withLuck,
} from '../testing/scripted-run.ts';
import { maxAttempts } from './backup.ts';
import type { StepCommand } from './command.ts';
import { endsRun } from './outcome.ts';
import { restoreWorkflow } from './restore.ts';

const names = ({ steps }: Journal) => steps.map(({ command }) => command.step);
const lastOf = ({ steps }: Journal) => {
  const last = steps.at(-1);
  if (last === undefined) throw new Error('no step was asked for');
  return last.command;
};
function playing(fails: (command: StepCommand) => Outcome | undefined): Journal {
  return play(restoreWorkflow(run), (command) => fails(command) ?? withLuck(command, 'good'));
}
const everyStep = [
  'restore.plan',
  'restore.database.start',
  'restore.database.poll',
  'restore.library.copy',
  'restore.library.copy',
  'restore.validate',
  'restore.reindex',
  'restore.finish',
];

describe('the restore workflow', () => {
  it('loads the database, copies the library, checks and finishes', () => {
    const journal = playing(() => undefined);
    expect(names(journal)).toEqual(everyStep);
    expect(journal.end).toEqual({ output: 'Succeeded' });
  });

  it.each([
    [
      ['database'],
      [
        'restore.plan',
        'restore.database.start',
        'restore.database.poll',
        'restore.validate',
        'restore.reindex',
        'restore.finish',
      ],
    ],
    [
      ['documentLibrary'],
      ['restore.plan', 'restore.library.copy', 'restore.library.copy', 'restore.validate', 'restore.finish'],
    ],
  ])('restores what is asked for: %j', (units, expected) => {
    expect(
      names(playing(({ step }) => (step === 'restore.plan' ? { output: { units, parts: 2 } } : undefined))),
    ).toEqual(expected);
  });

  it.each([busy, broken])('is good also when the environment can not be told to reindex', (error) => {
    const journal = playing(({ step }) => (step === 'restore.reindex' ? { error } : undefined));
    expect(journal.end).toEqual({ output: 'Succeeded' });
  });

  it('begins a lost load anew, under a new number, at most three times', () => {
    const lost = { output: { state: 'Failed', error: { ...busy.toRecord() } } };
    const journal = playing(({ step }) => (step === 'restore.database.poll' ? lost : undefined));
    const starts = journal.steps.filter(({ command }) => command.step === 'restore.database.start');
    expect(starts.map(({ command }) => field(command, 'attempt'))).toEqual([1, 2, 3]);
    expect(outcomeOf(lastOf(journal))).toMatchObject({ state: 'Failed', error: { code: busy.code } });
  });

  it.each([
    ['cancelled', cancelled, { state: 'Cancelled' }],
    ['its lease is lost', leaseLost, { state: 'Failed', error: { code: 'lease.lost' } }],
    ['a step fails', broken, { state: 'Failed', error: { code: broken.code } }],
    ['there is a bug', foreign, { state: 'Failed', error: { code: 'internal' } }],
  ])('goes straight to its end when %s, at whichever step', (_when, error, outcome) => {
    for (let at = 0; at < everyStep.indexOf('restore.reindex'); at += 1) {
      const journal = play(restoreWorkflow(run), (command, position) =>
        position === at ? { error } : withLuck(command, 'good'),
      );
      const begunTogether =
        everyStep[at] === 'restore.library.copy' ? everyStep.slice(0, 5) : everyStep.slice(0, at + 1);
      expect(names(journal)).toEqual([...begunTogether, 'restore.finish']);
      expect(outcomeOf(lastOf(journal))).toMatchObject(outcome);
    }
  });

  it('keeps its promises whatever happens, and asks for the same when its journal is played again', () => {
    fc.assert(
      fc.property(fc.array(luck, { maxLength: 60 }), (fate) => {
        const journal = play(restoreWorkflow(run), (command, position) =>
          withLuck(command, fate[position] ?? 'good'),
        );
        const asked = names(journal);
        expect(asked.indexOf('restore.finish')).toBe(asked.length - 1);
        expect(asked.filter((name) => name === 'restore.database.start').length).toBeLessThanOrEqual(
          maxAttempts,
        );
        const { state } = outcomeOf(lastOf(journal));
        const validated = journal.steps.find(({ command }) => command.step === 'restore.validate');
        const told = journal.steps.find(({ command }) => command.step === 'restore.reindex')?.outcome;
        const isEnded = told !== undefined && 'error' in told && endsRun(told.error);
        expect(state === 'Succeeded').toBe(
          validated !== undefined && 'output' in validated.outcome && !isEnded,
        );
        expect(journal.end).toEqual({ output: state });
        const again = play(
          restoreWorkflow(run),
          (_command, position) => journal.steps[position]?.outcome ?? { error: foreign },
        );
        expect(again).toEqual(journal);
      }),
      { numRuns: 500 },
    );
  });
});
