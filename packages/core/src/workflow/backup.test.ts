import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  broken,
  busy,
  cancelled,
  field,
  foreign,
  goodOutputs,
  type Journal,
  leaseLost,
  luck,
  type Outcome,
  outcomeOf,
  play,
  run,
  withLuck,
} from '../testing/scripted-run.ts';
import { backupWorkflow, maxAttempts } from './backup.ts';
import type { StepCommand } from './command.ts';

const good = (command: StepCommand): Outcome => withLuck(command, 'good');
const names = ({ steps }: Journal) => steps.map(({ command }) => command.step);
const lastOf = ({ steps }: Journal) => {
  const last = steps.at(-1);
  if (last === undefined) throw new Error('no step was asked for');
  return last.command;
};
const commandOf = (journal: Journal, step: string) =>
  journal.steps.find(({ command }) => command.step === step)?.command;

/** All goes well but what `fails` says: a step, in which attempts, how. */
function playing(fails: (command: StepCommand) => Outcome | undefined): Journal {
  return play(backupWorkflow(run), (command) => fails(command) ?? good(command));
}
const everyStep = [
  'backup.plan',
  'backup.library.prelist',
  'backup.database.start',
  'backup.database.poll',
  'backup.library.plan',
  'backup.library.copy',
  'backup.library.copy',
  'backup.library.fold',
  'backup.validate',
  'backup.consistency',
  'backup.seal',
  'backup.finish',
];

describe('the backup workflow', () => {
  it('takes the database first, then the library, checks, seals and finishes', () => {
    const journal = playing(() => undefined);
    expect(names(journal)).toEqual(everyStep);
    expect(journal.end).toEqual({ output: 'Succeeded' });
    expect(lastOf(journal).input).toEqual({ ...run, outcome: { state: 'Succeeded' } });
    expect(commandOf(journal, 'backup.seal')?.input).toEqual({
      ...run,
      attempt: 1,
      units: ['database', 'documentLibrary'],
      failures: [],
    });
  });

  it.each([
    [
      ['database'],
      [
        'backup.plan',
        'backup.database.start',
        'backup.database.poll',
        'backup.validate',
        'backup.consistency',
        'backup.seal',
        'backup.finish',
      ],
    ],
    [
      ['documentLibrary'],
      [
        'backup.plan',
        'backup.library.plan',
        'backup.library.copy',
        'backup.library.copy',
        'backup.library.fold',
        'backup.validate',
        'backup.consistency',
        'backup.seal',
        'backup.finish',
      ],
    ],
    [['documentLibrary', 'database'], everyStep],
  ])('takes what is asked for: %j', (units, expected) => {
    expect(
      names(playing(({ step }) => (step === 'backup.plan' ? { output: { units } } : undefined))),
    ).toEqual(expected);
  });

  const exactOf = (journal: Journal, step: string) => {
    const command = commandOf(journal, step);
    return command === undefined ? undefined : field(command, 'exact');
  };
  const exactPlan = { output: { units: ['database', 'documentLibrary'], consistency: 'exact' } };

  it('asks for the moment of both units where it was planned so, and says why where it is not', () => {
    const exact = playing(({ step }) => (step === 'backup.plan' ? exactPlan : undefined));
    expect(names(exact)).toEqual(everyStep);
    expect(['backup.database.start', 'backup.library.plan'].map((step) => exactOf(exact, step))).toEqual([
      true,
      true,
    ]);
    const why = { ...exactPlan.output, consistency: 'databaseFirst', whyNotExact: 'It keeps none.' };
    const first = playing(({ step }) => (step === 'backup.plan' ? { output: why } : undefined));
    expect(['backup.database.start', 'backup.library.plan'].map((step) => exactOf(first, step))).toEqual([
      false,
      false,
    ]);
    expect(commandOf(first, 'backup.seal')?.input).toMatchObject({ whyNotExact: 'It keeps none.' });
  });

  it('asks for no moment any more once one of the two has failed', () => {
    const lists = playing(({ step }) => {
      if (step === 'backup.plan') return exactPlan;
      return step === 'backup.library.prelist' ? { error: broken } : undefined;
    });
    expect(exactOf(lists, 'backup.database.start')).toBe(false);
    const dumps = playing(({ step }) => {
      if (step === 'backup.plan') return exactPlan;
      return step === 'backup.database.start' ? { error: broken } : undefined;
    });
    expect(exactOf(dumps, 'backup.library.plan')).toBe(false);
  });

  it('asks for nothing to copy in an empty library', () => {
    const journal = playing(({ step }) =>
      step === 'backup.library.plan' ? { output: { shards: 0 } } : undefined,
    );
    expect(names(journal)).not.toContain('backup.library.copy');
    expect(names(journal)).toContain('backup.library.fold');
    expect(journal.end).toEqual({ output: 'Succeeded' });
  });

  it('calls each shard again with the cursor that it handed on, and only those that are not done', () => {
    const journal = playing((command) => {
      const [shard, cursor] = [Number(field(command, 'shard')), Number(field(command, 'cursor'))];
      if (command.step !== 'backup.library.copy') return undefined;
      return {
        output: {
          cursor: cursor < shard * 10 ? cursor + 10 : null,
          objects: 1,
          bytes: 1,
          copiedObjects: 1,
          copiedBytes: 1,
        },
      };
    });
    const copies = journal.steps.filter(({ command }) => command.step === 'backup.library.copy');
    expect(copies.map(({ command }) => [field(command, 'shard'), field(command, 'cursor')])).toEqual([
      [0, 0],
      [1, 0],
      [1, 10],
    ]);
  });

  it('looks at the dump again and again, ever more seldom', () => {
    let looks = 0;
    const journal = playing(({ step }) => {
      if (step !== 'backup.database.poll') return undefined;
      looks += 1;
      return looks < 60 ? { output: { state: 'InProgress' } } : undefined;
    });
    const pauses = journal.commands.flatMap((command) => (command.kind === 'sleep' ? [command.seconds] : []));
    expect(pauses).toHaveLength(59);
    expect(pauses).toEqual([...pauses].sort((a, b) => a - b));
    expect(pauses.at(-1)).toBe(15);
    expect(journal.end).toEqual({ output: 'Succeeded' });
  });

  it('looks again no later than the dump says', () => {
    let looks = 0;
    const journal = playing(({ step }) => {
      if (step !== 'backup.database.poll') return undefined;
      looks += 1;
      return looks < 3 ? { output: { state: 'InProgress', secondsLeft: looks === 1 ? 5 : 0.07 } } : undefined;
    });
    const pauses = journal.commands.flatMap((command) => (command.kind === 'sleep' ? [command.seconds] : []));
    expect(pauses).toEqual([0.2, 0.07]);
  });

  it.each([
    ['backup.database.start', 'documentLibrary', 'database'],
    ['backup.database.poll', 'documentLibrary', 'database'],
    ['backup.library.prelist', 'database', 'documentLibrary'],
    ['backup.library.plan', 'database', 'documentLibrary'],
    ['backup.library.copy', 'database', 'documentLibrary'],
    ['backup.library.fold', 'database', 'documentLibrary'],
  ])('seals the other unit when %s fails, and is Failed', (failing, usable, unit) => {
    for (const [error, attempt] of [
      [broken, 1],
      [busy, maxAttempts],
    ] as const) {
      const journal = playing(({ step }) => (step === failing ? { error } : undefined));
      expect(commandOf(journal, 'backup.validate')?.input).toMatchObject({ attempt, units: [usable] });
      expect(commandOf(journal, 'backup.seal')?.input).toMatchObject({
        attempt,
        units: [usable],
        failures: [{ unit, error: { code: error.code } }],
      });
      expect(outcomeOf(lastOf(journal))).toMatchObject({
        state: 'Failed',
        error: { code: error.code, message: expect.stringContaining(`Usable all the same: ${usable}`) },
      });
      // The other unit was really taken in the attempt that is sealed.
      const taken = journal.steps
        .filter(({ command }) => field(command, 'attempt') === attempt)
        .map(({ command }) => command.step);
      expect(taken).toContain(usable === 'database' ? 'backup.database.poll' : 'backup.library.fold');
    }
  });

  it('seals nothing when all units fail', () => {
    const journal = playing(({ step }) =>
      step.startsWith('backup.database') || step.startsWith('backup.library') ? { error: broken } : undefined,
    );
    expect(names(journal)).toEqual([
      'backup.plan',
      'backup.library.prelist',
      'backup.database.start',
      'backup.finish',
    ]);
    expect(outcomeOf(lastOf(journal)).error?.message).toContain('Nothing of it is usable');
  });

  it('leaves out of the seal what does not pass its checks', () => {
    const failure = {
      unit: 'database',
      error: { code: 'validation.failed', message: 'wrong', retryable: false },
    };
    const journal = playing(({ step }) =>
      step === 'backup.validate' ? { output: { checks: 1, failures: [failure] } } : undefined,
    );
    expect(commandOf(journal, 'backup.seal')?.input).toMatchObject({
      units: ['documentLibrary'],
      failures: [failure],
    });
    expect(outcomeOf(lastOf(journal))).toMatchObject({
      state: 'Failed',
      error: { code: 'validation.failed' },
    });
    const both = [failure, { ...failure, unit: 'documentLibrary' }];
    expect(
      names(
        playing(({ step }) =>
          step === 'backup.validate' ? { output: { checks: 1, failures: both } } : undefined,
        ),
      ),
    ).not.toContain('backup.seal');
  });

  it.each([busy, broken])(
    'begins anew, at a new moment, after a failure that may pass, at most three times',
    (error) => {
      let starts = 0;
      const journal = playing(({ step }) => {
        if (step === 'backup.database.start') starts += 1;
        return step === 'backup.database.poll' && starts < 3
          ? { output: { state: 'Failed', error: { ...error.toRecord() } } }
          : undefined;
      });
      const attempts = journal.steps
        .filter(({ command }) => command.step === 'backup.database.start')
        .map(({ command }) => field(command, 'attempt'));
      expect(attempts).toEqual(error.retryable ? [1, 2, 3] : [1]);
      expect(outcomeOf(lastOf(journal)).state).toBe(error.retryable ? 'Succeeded' : 'Failed');
    },
  );

  it.each([true, false])(
    'begins anew after a check that another attempt may pass, and else leaves its unit out: %s',
    (retryable) => {
      const error = { code: 'validation.failed', message: 'library.source', retryable };
      const failures = [{ unit: 'documentLibrary', error }];
      const failing = (until: number) =>
        playing((command) =>
          command.step === 'backup.validate' && Number(field(command, 'attempt')) <= until
            ? { output: { checks: 1, failures } }
            : undefined,
        );
      const once = failing(1);
      expect(outcomeOf(lastOf(once)).state).toBe(retryable ? 'Succeeded' : 'Failed');
      expect(commandOf(once, 'backup.seal')?.input).toMatchObject(
        retryable ? { attempt: 2, failures: [] } : { attempt: 1, failures },
      );
      const always = failing(maxAttempts);
      expect(commandOf(always, 'backup.seal')?.input).toMatchObject({
        attempt: retryable ? maxAttempts : 1,
        units: ['database'],
        failures,
      });
      expect(outcomeOf(lastOf(always)).state).toBe('Failed');
    },
  );

  it.each([
    ['cancelled', cancelled, { state: 'Cancelled' }],
    ['its lease is lost', leaseLost, { state: 'Failed', error: { code: 'lease.lost' } }],
    ['there is a bug', foreign, { state: 'Failed', error: { code: 'internal', message: 'a bug' } }],
  ])('goes straight to its end when %s, at whichever step', (_when, error, outcome) => {
    for (let at = 0; at < everyStep.length - 1; at += 1) {
      const journal = play(backupWorkflow(run), (command, position) =>
        position === at ? { error } : good(command),
      );
      const begunTogether =
        everyStep[at] === 'backup.library.copy' ? everyStep.slice(0, 7) : everyStep.slice(0, at + 1);
      expect(names(journal)).toEqual([...begunTogether, 'backup.finish']);
      expect(outcomeOf(lastOf(journal))).toMatchObject(outcome);
    }
  });

  const misfit = {
    code: 'consistency.inconsistent',
    message: 'One object is gone.',
    retryable: true,
  };
  const inconsistent = { verdict: 'inconsistent', failures: [], problem: misfit };

  it('begins anew when database and library do not fit together, and seals the first pair that does', () => {
    const journal = playing((command) =>
      command.step === 'backup.consistency' && field(command, 'attempt') === 1
        ? { output: inconsistent }
        : undefined,
    );
    expect(names(journal)).toEqual([
      ...everyStep.slice(0, everyStep.indexOf('backup.seal')),
      ...everyStep.slice(1),
    ]);
    expect(commandOf(journal, 'backup.seal')?.input).toMatchObject({ attempt: 2, failures: [] });
    expect(outcomeOf(lastOf(journal))).toEqual({ state: 'Succeeded' });
  });

  it('seals both units of the last attempt though they do not fit together, and is Failed', () => {
    const journal = playing(({ step }) =>
      step === 'backup.consistency' ? { output: inconsistent } : undefined,
    );
    expect(names(journal).filter((name) => name === 'backup.consistency')).toHaveLength(maxAttempts);
    expect(commandOf(journal, 'backup.seal')?.input).toMatchObject({
      attempt: maxAttempts,
      units: ['database', 'documentLibrary'],
      failures: [],
    });
    expect(outcomeOf(lastOf(journal))).toMatchObject({
      state: 'Failed',
      error: { code: misfit.code, message: expect.stringContaining('Each unit is good by itself') },
    });
  });

  it('leaves out a unit that turns out damaged when it is compared, and certifies what is left', () => {
    const failures = [
      { unit: 'database', error: { code: 'integrity.mismatch', message: 'cut', retryable: false } },
    ];
    const journal = playing((command) => {
      if (command.step !== 'backup.consistency') return undefined;
      const units = field(command, 'units');
      return Array.isArray(units) && units.includes('database')
        ? { output: { verdict: 'notApplicable', failures, problem: null } }
        : undefined;
    });
    const certified = journal.steps.filter(({ command }) => command.step === 'backup.consistency');
    expect(certified.map(({ command }) => field(command, 'units'))).toEqual([
      ['database', 'documentLibrary'],
      ['documentLibrary'],
    ]);
    expect(commandOf(journal, 'backup.seal')?.input).toMatchObject({ units: ['documentLibrary'], failures });
    expect(outcomeOf(lastOf(journal)).state).toBe('Failed');
  });

  it('throws what its finishing step throws, for the reaper to try again', () => {
    expect(playing(({ step }) => (step === 'backup.finish' ? { error: leaseLost } : undefined)).end).toEqual({
      error: leaseLost,
    });
  });

  it('takes an answer that has not the form for a bug', () => {
    const journal = playing(({ step }) =>
      step === 'backup.library.plan' ? { output: { shards: -1 } } : undefined,
    );
    expect(names(journal).at(-1)).toBe('backup.finish');
    expect(outcomeOf(lastOf(journal))).toMatchObject({ state: 'Failed', error: { code: 'internal' } });
  });

  it('keeps its promises whatever happens', () => {
    fc.assert(
      fc.property(fc.array(luck, { maxLength: 60 }), (fate) => {
        const journal = play(backupWorkflow(run), (command, position) =>
          withLuck(command, fate[position] ?? 'good'),
        );
        const asked = names(journal);
        expect(asked.filter((name) => name === 'backup.finish')).toHaveLength(1);
        expect(asked.at(-1)).toBe('backup.finish');
        expect(
          Math.max(1, ...journal.steps.map(({ command }) => Number(field(command, 'attempt') ?? 1))),
        ).toBeLessThanOrEqual(maxAttempts);

        const seal = journal.steps.find(({ command }) => command.step === 'backup.seal');
        const { state } = outcomeOf(lastOf(journal));
        if (state === 'Succeeded') expect(seal?.outcome).toHaveProperty('output');
        expect(journal.end).toEqual({ output: state });
        if (seal === undefined) return;
        const input = seal.command.input;
        expect(input).toMatchObject({ units: expect.any(Array), failures: expect.any(Array) });
        const attempt = field(seal.command, 'attempt');
        const units = field(seal.command, 'units');
        const failures = field(seal.command, 'failures');
        if (!Array.isArray(units) || !Array.isArray(failures)) throw new TypeError('no units');
        expect(units.length + failures.length).toBe(2);
        if ('output' in seal.outcome) expect(state).toBe(failures.length === 0 ? 'Succeeded' : 'Failed');
        // Whatever is sealed was taken, to its end, in the attempt that is sealed.
        const done = { database: 'backup.database.poll', documentLibrary: 'backup.library.fold' };
        for (const unit of units) {
          const last = journal.steps.findLast(
            ({ command }) => command.step === done[unit === 'database' ? 'database' : 'documentLibrary'],
          );
          expect(last && field(last.command, 'attempt')).toBe(attempt);
          expect(last?.outcome).toEqual({
            output: unit === 'database' ? { state: 'Succeeded' } : goodOutputs['backup.library.fold'],
          });
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('asks for the same when its journal is played again', () => {
    fc.assert(
      fc.property(fc.array(luck, { maxLength: 60 }), (fate) => {
        const journal = play(backupWorkflow(run), (command, position) =>
          withLuck(command, fate[position] ?? 'good'),
        );
        const again = play(
          backupWorkflow(run),
          (_command, position) => journal.steps[position]?.outcome ?? { error: foreign },
        );
        expect(again).toEqual(journal);
      }),
    );
  });
});
