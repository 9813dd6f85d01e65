import { describe, expect, it } from 'vitest';
import { broken, busy, type Outcome, outcomeOf, play, run, withLuck } from '../testing/scripted-run.ts';
import { backupWorkflow, maxAttempts } from './backup.ts';
import type { StepCommand } from './command.ts';

/** An upload of which each poll of the import ends as the list says, the last one for all that follow. */
function upload(...polls: readonly Outcome[]) {
  let polled = 0;
  return play(backupWorkflow(run), (command: StepCommand) => {
    if (command.step === 'backup.plan') return { output: { units: ['database'], imports: true } };
    if (command.step !== 'backup.import.poll') return withLuck(command, 'good');
    polled += 1;
    return polls[Math.min(polled, polls.length) - 1] ?? { error: new RangeError('no outcome is given') };
  });
}

const done = { output: { state: 'Succeeded' } };
const failedWith = (error: typeof busy) =>
  ({ output: { state: 'Failed', error: { ...error.toRecord() } } }) as const;

describe('the workflow of an upload', () => {
  it('stages what was uploaded before anything is taken', () => {
    const { steps, end } = upload({ output: { state: 'InProgress' } }, done);
    expect(steps.map(({ command }) => command.step).slice(0, 5)).toEqual([
      'backup.plan',
      'backup.import.start',
      'backup.import.poll',
      'backup.import.poll',
      'backup.database.start',
    ]);
    expect(end).toEqual({ output: 'Succeeded' });
  });

  it('begins anew when the import was lost, but not for ever', () => {
    const once = upload(failedWith(busy), done);
    const starts = once.steps.filter(({ command }) => command.step === 'backup.import.start');
    expect(starts.map(({ command }) => command.input)).toEqual([
      { ...run, attempt: 1 },
      { ...run, attempt: 2 },
    ]);
    expect(once.end).toEqual({ output: 'Succeeded' });
    const always = upload(failedWith(busy));
    expect(always.steps.filter(({ command }) => command.step === 'backup.import.start')).toHaveLength(
      maxAttempts,
    );
    expect(always.end).toEqual({ output: 'Failed' });
  });

  it('takes nothing of an upload that was refused, and finishes', () => {
    const { steps, end } = upload(failedWith(broken));
    expect(steps.map(({ command }) => command.step)).toEqual([
      'backup.plan',
      'backup.import.start',
      'backup.import.poll',
      'backup.finish',
    ]);
    const last = steps.at(-1);
    expect(last && outcomeOf(last.command)).toMatchObject({ state: 'Failed', error: { code: broken.code } });
    expect(end).toEqual({ output: 'Failed' });
  });
});
