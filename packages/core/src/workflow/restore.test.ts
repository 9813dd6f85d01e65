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
  'restore.library.plan',
  'restore.library.copy',
  'restore.library.copy',
  'restore.library.remove',
  'restore.generated',
  'restore.validate',
  'restore.rows.start',
  'restore.rows.poll',
  'restore.certify',
  'restore.unreferenced',
  'restore.scripts.start',
  'restore.scripts.poll',
  'restore.swap',
  'restore.reindex',
  'restore.finish',
];
const ofPair = ['restore.rows.start', 'restore.rows.poll', 'restore.certify', 'restore.unreferenced'];
const planned = (plan: object) => ({
  output: { units: ['database', 'documentLibrary'], mode: 'new', rollsBack: false, scripts: 1, ...plan },
});
const ofDatabase = [
  'restore.database.start',
  'restore.database.poll',
  'restore.generated',
  ...ofPair,
  'restore.reindex',
];

describe('the restore workflow', () => {
  it('loads the database, copies the library, checks, swaps and finishes', () => {
    const journal = playing(() => undefined);
    expect(names(journal)).toEqual(everyStep);
    expect(journal.end).toEqual({ output: 'Succeeded' });
  });

  it('runs scripts where there are some, once, and rolls back when they fail', () => {
    const without = playing(({ step }) =>
      step === 'restore.plan' ? planned({ mode: 'swap', scripts: 0 }) : undefined,
    );
    expect(names(without)).toEqual(everyStep.filter((step) => !step.includes('scripts')));

    const failing = playing(({ step }) => {
      if (step === 'restore.plan') return planned({ mode: 'inPlace', rollsBack: true });
      if (step === 'restore.scripts.poll')
        return { output: { state: 'Failed', error: { code: 'sql.failed', message: 'x', retryable: false } } };
      return undefined;
    });
    expect(names(failing).filter((step) => step === 'restore.scripts.start')).toHaveLength(1);
    expect(names(failing).filter((step) => step === 'restore.database.start')).toHaveLength(2);
    expect(failing.end).toEqual({ output: 'Failed' });
  });

  it.each([
    [
      'new',
      ['database'],
      (step: string) => !(step.includes('library') || ofPair.includes(step) || step === 'restore.swap'),
    ],
    ['new', ['documentLibrary'], (step: string) => !ofDatabase.includes(step) && step !== 'restore.swap'],
    ['swap', ['documentLibrary'], (step: string) => !ofDatabase.includes(step)],
    ['inPlace', ['database', 'documentLibrary'], (step: string) => step !== 'restore.swap'],
  ])('restores %s what is asked for: %j', (mode, units, isDue) => {
    const journal = playing(({ step }) => (step === 'restore.plan' ? planned({ mode, units }) : undefined));
    expect(names(journal)).toEqual(everyStep.filter(isDue));
  });

  it('removes what does not belong in the target in as many calls as it takes', () => {
    const ends = ['a', 'b', null];
    const journal = playing(({ step }) =>
      step === 'restore.library.remove' ? { output: { removed: 1, after: ends.shift() } } : undefined,
    );
    const calls = journal.steps.filter(({ command }) => command.step === 'restore.library.remove');
    expect(calls.map(({ command }) => field(command, 'after'))).toEqual(['', 'a', 'b']);
  });

  it.each([busy, broken])('is good also when the environment can not be told to reindex', (error) => {
    const journal = playing(({ step }) => (step === 'restore.reindex' ? { error } : undefined));
    expect(journal.end).toEqual({ output: 'Succeeded' });
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
        everyStep[at] === 'restore.library.copy' ? everyStep.slice(0, 6) : everyStep.slice(0, at + 1);
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
        const swapped = journal.steps.find(({ command }) => command.step === 'restore.swap');
        expect(state === 'Succeeded').toBe(swapped !== undefined && 'output' in swapped.outcome);
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

describe('a restore in place', () => {
  const inPlace = planned({ mode: 'inPlace', rollsBack: true });
  const rollingBack = (command: StepCommand) => field(command, 'rollback') === true;
  const playingInPlace = (fails: (command: StepCommand) => Outcome | undefined): Journal =>
    playing((command) => (command.step === 'restore.plan' ? inPlace : fails(command)));

  it.each(everyStep.slice(1, 13))('that fails at %s restores the safety backup, all of it', (failing) => {
    const journal = playingInPlace((command) =>
      command.step === failing && !rollingBack(command) ? withLuck(command, 'broken') : undefined,
    );
    const back = journal.steps.filter(({ command }) => rollingBack(command));
    expect(back.map(({ command }) => command.step)).toEqual([
      'restore.rollback',
      'restore.database.start',
      'restore.database.poll',
      'restore.library.plan',
      'restore.library.copy',
      'restore.library.copy',
      'restore.library.remove',
      'restore.generated',
      'restore.validate',
    ]);
    expect(outcomeOf(lastOf(journal))).toMatchObject({
      state: 'Failed',
      error: { code: broken.code, message: expect.stringContaining('rolled back') },
    });
  });

  it('that is cancelled ends as such, rolled back', () => {
    const journal = playingInPlace((command) =>
      command.step === 'restore.library.plan' && !rollingBack(command) ? { error: cancelled } : undefined,
    );
    expect(journal.steps.some(({ command }) => rollingBack(command))).toBe(true);
    expect(outcomeOf(lastOf(journal))).toMatchObject({ state: 'Cancelled' });
  });

  it('says so when the way back fails, too', () => {
    const journal = playingInPlace(({ step }) =>
      step === 'restore.library.plan' ? { error: broken } : undefined,
    );
    expect(outcomeOf(lastOf(journal))).toMatchObject({
      state: 'Failed',
      error: {
        code: 'restore.rollbackFailed',
        message: expect.stringContaining('restore the safety backup'),
      },
    });
  });

  it.each([
    ['nothing was written yet', 'restore.plan', broken],
    ['another process has the lease', 'restore.library.plan', leaseLost],
  ])('does not roll back when %s', (_when, at, error) => {
    const journal = playing(({ step }) =>
      step === at ? { error } : step === 'restore.plan' ? inPlace : undefined,
    );
    expect(journal.steps.some(({ command }) => rollingBack(command))).toBe(false);
  });

  it('goes back from what it had begun to write, and from nothing else', () => {
    const written = (units: string[]) =>
      playingInPlace((command) =>
        command.step === 'restore.rollback'
          ? { output: { units } }
          : command.step === 'restore.database.poll' && !rollingBack(command)
            ? withLuck(command, 'broken')
            : undefined,
      );
    const stepsBack = (journal: Journal) =>
      journal.steps.filter(({ command }) => rollingBack(command)).map(({ command }) => command.step);
    expect(stepsBack(written([]))).toEqual(['restore.rollback']);
    expect(outcomeOf(lastOf(written([])))).toMatchObject({
      error: { code: broken.code, message: expect.stringContaining('Nothing had been replaced') },
    });
    expect(stepsBack(written(['documentLibrary']))).not.toContain('restore.database.start');
  });

  it('does not roll back to a backup that was refused', () => {
    const journal = playing(({ step }) =>
      step === 'restore.plan'
        ? planned({ mode: 'inPlace' })
        : step === 'restore.validate'
          ? { error: broken }
          : undefined,
    );
    expect(journal.steps.some(({ command }) => rollingBack(command))).toBe(false);
  });
});
