import { describe, expect, it } from 'vitest';
import { steps } from '../steps/steps.ts';
import { field, goodQuiesced, type Outcome, play, run, withLuck } from '../testing/scripted-run.ts';
import type { StepCommand } from './command.ts';
import { stepNames, stepTable } from './step-table.ts';
import { workflows } from './workflows.ts';

/** Ways through the workflows: between them they ask for every step. */
const goodWays: readonly ((command: StepCommand) => Outcome)[] = [
  goodQuiesced,
  (command) => withLuck(command, 'good'),
  // An upload asks for the steps of all backups, and for its own.
  (command) =>
    command.step === 'backup.plan'
      ? { output: { units: ['database', 'documentLibrary'], imports: true } }
      : withLuck(command, 'good'),
  // A restore in place that finds at its end that all is not well, and goes back.
  (command) => {
    if (command.step === 'restore.plan')
      return {
        output: { units: ['database', 'documentLibrary'], mode: 'inPlace', rollsBack: true, scripts: 0 },
      };
    const isForward = field(command, 'rollback') !== true;
    return withLuck(command, command.step === 'restore.validate' && isForward ? 'broken' : 'good');
  },
];

describe('the table of steps', () => {
  it('has nothing that no workflow asks for', () => {
    const asked = Object.values(workflows).flatMap((workflow) =>
      goodWays.flatMap((answer) => play(workflow(run), answer).steps.map(({ command }) => command.step)),
    );
    expect([...new Set(asked)].sort()).toEqual([...stepNames].sort());
  });

  it('names every step once, and each has its implementation', () => {
    expect(new Set(stepNames).size).toBe(stepNames.length);
    expect([...steps.keys()].sort()).toEqual([...stepNames].sort());
  });

  it('lets no step be cancelled that ends or resumes, and has it tried hardest', () => {
    for (const { name, cancellable, retry } of Object.values(stepTable)) {
      expect(cancellable).toBe(!/\.(finish|resume|reindex|swap)$|^delete\.record$/.test(name));
      if (!cancellable && !['restore.reindex', 'restore.swap', 'delete.record'].includes(name))
        expect(retry.maxAttempts).toBeGreaterThan(stepTable.backupPlan.retry.maxAttempts);
    }
  });

  it('accepts what the workflows ask for', () => {
    const definitions = new Map(Object.values(stepTable).map((definition) => [definition.name, definition]));
    for (const workflow of Object.values(workflows)) {
      for (const { command } of goodWays.flatMap((answer) => play(workflow(run), answer).steps)) {
        expect(definitions.get(command.step)?.input.parse(command.input)).toEqual(command.input);
      }
    }
  });
});
