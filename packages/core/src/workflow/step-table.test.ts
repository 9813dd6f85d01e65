import { describe, expect, it } from 'vitest';
import { steps } from '../steps/steps.ts';
import { type Outcome, play, run, withLuck } from '../testing/scripted-run.ts';
import type { StepCommand } from './command.ts';
import { stepNames, stepTable } from './step-table.ts';
import { workflows } from './workflows.ts';

/** All goes well, and the backup is one of an upload: that asks for the steps of all backups, and for its own. */
function ofUpload(command: StepCommand): Outcome {
  if (command.step !== 'backup.plan') return withLuck(command, 'good');
  return { output: { units: ['database', 'documentLibrary'], imports: true } };
}

describe('the table of steps', () => {
  it('has nothing that no workflow asks for', () => {
    const asked = Object.values(workflows).flatMap((workflow) =>
      play(workflow(run), ofUpload).steps.map(({ command }) => command.step),
    );
    expect([...new Set(asked)].sort()).toEqual([...stepNames].sort());
  });

  it('names every step once, and each has its implementation', () => {
    expect(new Set(stepNames).size).toBe(stepNames.length);
    expect([...steps.keys()].sort()).toEqual([...stepNames].sort());
  });

  it('lets no finishing step be cancelled, and has it tried hardest', () => {
    for (const { name, cancellable, retry } of Object.values(stepTable)) {
      expect(cancellable).toBe(!name.endsWith('.finish'));
      if (!cancellable) expect(retry.maxAttempts).toBeGreaterThan(stepTable.backupPlan.retry.maxAttempts);
    }
  });

  it('accepts what the workflows ask for', () => {
    const definitions = new Map(Object.values(stepTable).map((definition) => [definition.name, definition]));
    for (const workflow of Object.values(workflows)) {
      for (const { command } of play(workflow(run), ofUpload).steps) {
        expect(definitions.get(command.step)?.input.parse(command.input)).toEqual(command.input);
      }
    }
  });
});
