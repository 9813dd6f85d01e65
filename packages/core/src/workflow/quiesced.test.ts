import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  broken,
  busy,
  cancelled,
  goodQuiesced,
  type Journal,
  leaseLost,
  luck,
  type Outcome,
  outcomeOf,
  play,
  run,
  withLuck,
} from '../testing/scripted-run.ts';
import { backupWorkflow } from './backup.ts';
import type { StepCommand } from './command.ts';

const names = ({ steps }: Journal) => steps.map(({ command }) => command.step);
function ending(journal: Journal) {
  const last = journal.steps.at(-1);
  if (last === undefined) throw new Error('no step was asked for');
  return outcomeOf(last.command);
}
function playing(fails: (command: StepCommand) => Outcome | undefined): Journal {
  return play(backupWorkflow(run), (command) => fails(command) ?? goodQuiesced(command));
}
function failing(step: string, error: unknown): Journal {
  return playing((command) => (command.step === step ? { error } : undefined));
}

describe('a quiesced backup', () => {
  it('takes everything between quiesce and resume', () => {
    expect(names(playing(() => undefined))).toEqual([
      'backup.plan',
      'backup.quiesce',
      'backup.library.prelist',
      'backup.database.start',
      'backup.database.poll',
      'backup.library.plan',
      'backup.library.copy',
      'backup.library.copy',
      'backup.library.fold',
      'backup.search.start',
      'backup.search.poll',
      'backup.resume',
      'backup.validate',
      'backup.consistency',
      'backup.seal',
      'backup.finish',
    ]);
  });

  it.each([
    ['backup.quiesce', broken],
    ['backup.quiesce', cancelled],
    ['backup.database.start', cancelled],
    ['backup.library.copy', leaseLost],
    ['backup.library.fold', new TypeError('a bug')],
  ])('resumes at once when %s fails', (step, error) => {
    const asked = names(failing(step, error));
    expect(asked.slice(asked.indexOf('backup.resume'))).toEqual(['backup.resume', 'backup.finish']);
  });

  it('resumes before it begins anew, and quiesces again', () => {
    const asked = names(failing('backup.library.plan', busy));
    const around = asked.filter((step) => /quiesce|resume|library.plan/.test(step));
    const attempt = ['backup.quiesce', 'backup.library.plan', 'backup.resume'];
    expect(around).toEqual([...attempt, ...attempt, ...attempt]);
  });

  it('does not begin anew when the environment could not be told to go on', () => {
    const journal = playing(({ step }) => {
      if (step === 'backup.library.plan') return { error: busy };
      return step === 'backup.resume' ? { error: broken } : undefined;
    });
    expect(names(journal).filter((step) => step === 'backup.quiesce')).toHaveLength(1);
    expect(ending(journal)).toMatchObject({ state: 'Failed', error: { code: broken.code } });
  });

  it('is sealed all the same when only resuming failed; its finishing step decides', () => {
    const journal = failing('backup.resume', broken);
    expect(names(journal).slice(-5)).toEqual([
      'backup.resume',
      'backup.validate',
      'backup.consistency',
      'backup.seal',
      'backup.finish',
    ]);
  });

  it('never leaves out resume, whatever happens, and asks for the same when its journal is played again', () => {
    fc.assert(
      fc.property(fc.array(luck, { maxLength: 60 }), (fate) => {
        const journal = play(backupWorkflow(run), (command, position) => {
          const how = fate[position] ?? 'good';
          return how === 'good' ? goodQuiesced(command) : withLuck(command, how);
        });
        let isOpen = false;
        for (const { command } of journal.steps) {
          if (command.step === 'backup.quiesce') {
            expect(isOpen).toBe(false);
            isOpen = true;
          }
          if (command.step === 'backup.resume') isOpen = false;
          if (/validate|seal|finish/.test(command.step)) expect(isOpen).toBe(false);
        }
        expect(journal.end).toEqual({ output: ending(journal).state });
        const again = play(
          backupWorkflow(run),
          (_command, position) => journal.steps[position]?.outcome ?? { error: new TypeError('too far') },
        );
        expect(again).toEqual(journal);
      }),
      { numRuns: 1000 },
    );
  });
});
