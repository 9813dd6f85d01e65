import fc from 'fast-check';
import { CancelledError, LeaseLostError } from '../errors/errors.ts';
import { errorRecord, LcbError } from '../errors/lcb-error.ts';
import type { Json } from '../model/values.ts';
import type { Command, StepCommand, Workflow } from '../workflow/command.ts';
import type { StepName } from '../workflow/step-table.ts';

export const run = { runId: 'retail-prd-backup-20251109-143000', projectId: 'retail' };

export const busy = new LcbError({ code: 'objectStore.throttled', message: 'busy', retryable: true });
export const broken = new LcbError({ code: 'dump.failed', message: 'broken' });
export const cancelled = new CancelledError(run.runId);
export const leaseLost = new LeaseLostError(run.runId, 1);
export const foreign = new TypeError('a bug');

/** What became of one step: its output, or what it threw. */
export type Outcome = { readonly output: Json } | { readonly error: unknown };

export interface Journal {
  readonly commands: readonly Command[];
  /** Every step that was run, in order, with what became of it. */
  readonly steps: readonly { readonly command: StepCommand; readonly outcome: Outcome }[];
  /** The workflow's own output, or what it threw. */
  readonly end: Outcome;
}

const longest = 500;

/** Plays engine for a workflow, without any I/O: `answer` says what becomes of each step, in the order of asking. */
export function play(
  workflow: Workflow<Json>,
  answer: (command: StepCommand, position: number) => Outcome,
): Journal {
  const commands: Command[] = [];
  const steps: { command: StepCommand; outcome: Outcome }[] = [];
  function take(command: StepCommand): Outcome {
    const outcome = answer(command, steps.length);
    steps.push({ command, outcome });
    return outcome;
  }
  try {
    let turn = workflow.next();
    while (!turn.done) {
      commands.push(turn.value);
      if (commands.length > longest) throw new RangeError(`still not over after ${longest} commands`);
      const outcome = perform(turn.value, take);
      turn = 'error' in outcome ? workflow.throw(outcome.error) : workflow.next(outcome.output);
    }
    return { commands, steps, end: { output: turn.value } };
  } catch (error) {
    if (error instanceof RangeError) throw error;
    return { commands, steps, end: { error } };
  }
}

function perform(command: Command, take: (command: StepCommand) => Outcome): Outcome {
  if (command.kind === 'sleep') return { output: null };
  if (command.kind === 'step') return take(command);
  const outcomes = command.steps.map(take);
  const failure = outcomes.find((outcome) => 'error' in outcome);
  return failure ?? { output: outcomes.map((outcome) => ('output' in outcome ? outcome.output : null)) };
}

/** What each step answers when all goes well; two units, two shards, two parts. */
export const goodOutputs: Readonly<Record<StepName, Json>> = {
  'backup.plan': { units: ['database', 'documentLibrary'] },
  'backup.import.start': { operationId: 'import' },
  'backup.import.poll': { state: 'Succeeded' },
  'backup.library.prelist': { objects: 2 },
  'backup.quiesce': { since: '2025-11-09T14:30:00.000Z' },
  'backup.search.start': { operationId: 'search:snapshot' },
  'backup.search.poll': { state: 'Succeeded' },
  'restore.search.start': { operationId: 'search:restore' },
  'restore.search.poll': { state: 'Succeeded' },
  'backup.resume': { seconds: 12 },
  'backup.database.start': { operationId: 'dump' },
  'backup.database.poll': { state: 'Succeeded' },
  'backup.library.plan': { shards: 2 },
  'backup.library.copy': { cursor: null, objects: 1, bytes: 1, copiedObjects: 1, copiedBytes: 1 },
  'backup.library.fold': { objects: 2 },
  'backup.validate': { checks: 8, failures: [] },
  'backup.consistency': { verdict: 'consistent', failures: [], problem: null },
  'backup.seal': { manifestSha256: '0'.repeat(64) },
  'backup.finish': { state: 'Succeeded' },
  'restore.plan': { units: ['database', 'documentLibrary'], mode: 'swap', rollsBack: false, scripts: 1 },
  'restore.database.start': { operationId: 'load' },
  'restore.database.poll': { state: 'Succeeded' },
  'restore.library.plan': {
    plan: { path: 'restores/r/plan.json', bytes: 1, sha256: '0'.repeat(64) },
    shards: 2,
  },
  'restore.library.copy': { cursor: null, objects: 1, bytes: 1, copiedObjects: 1, copiedBytes: 1 },
  'sweep.plan': { dead: 1 },
  'sweep.remove': { objects: 2, bytes: 3, after: null },
  'sweep.finish': { state: 'Succeeded' },
  'verify.plan': { certifies: true },
  'verify.database.start': { operationId: 'load' },
  'verify.database.poll': { state: 'Succeeded' },
  'verify.rows.start': { operationId: 'rows' },
  'verify.rows.poll': { state: 'Succeeded' },
  'verify.certify': { verdict: 'consistent' },
  'verify.finish': { state: 'Succeeded' },
  'restore.library.remove': { removed: 0, after: null },
  'restore.rollback': { units: ['database', 'documentLibrary'] },
  'restore.generated': { rows: 0 },
  'restore.validate': { checks: 1 },
  'restore.rows.start': { operationId: 'rows' },
  'restore.rows.poll': { state: 'Succeeded' },
  'restore.certify': { verdict: 'consistent', findings: null },
  'restore.unreferenced': { removed: 0 },
  'restore.scripts.start': { operationId: 'scripts' },
  'restore.scripts.poll': { state: 'Succeeded' },
  'restore.swap': { exchanged: ['database', 'documentLibrary'] },
  'restore.reindex': { state: 'Called' },
  'restore.finish': { state: 'Succeeded' },
  'delete.plan': { backupId: run.runId },
  'delete.record': { key: 'record' },
  'delete.finish': { state: 'Succeeded' },
  'copy.plan': { artefacts: 3, parts: 2 },
  'copy.artefacts': { cursor: null },
  'copy.library': { cursor: null, objects: 1, bytes: 1, copiedObjects: 1, copiedBytes: 1 },
  'copy.fold': { objects: 2 },
  'copy.validate': { checks: 3 },
  'copy.seal': { manifestSha256: '0'.repeat(64) },
  'copy.finish': { state: 'Succeeded' },
};

/** A quiesced backup of all units, and a restore of them, of which all goes well. */
export function goodQuiesced(command: StepCommand): Outcome {
  const units = ['database', 'documentLibrary', 'search'];
  if (command.step === 'backup.plan') return { output: { units, consistency: 'quiesce' } };
  if (command.step === 'restore.plan') return { output: { units, mode: 'new', rollsBack: false } };
  return withLuck(command, 'good');
}

/** How one step may end, weighted so that many runs come far. */
export const luck = fc.oneof(
  { weight: 12, arbitrary: fc.constant('good' as const) },
  { weight: 3, arbitrary: fc.constant('notYet' as const) },
  { weight: 3, arbitrary: fc.constant('busy' as const) },
  { weight: 2, arbitrary: fc.constant('broken' as const) },
  { weight: 1, arbitrary: fc.constantFrom('cancelled' as const, 'leaseLost' as const, 'foreign' as const) },
);
export type Luck = typeof luck extends fc.Arbitrary<infer T> ? T : never;

const failures = { busy, broken, cancelled, leaseLost, foreign };

/** What a step answers with this luck. A finishing step answers with the state that it was given. */
export function withLuck(command: StepCommand, how: Luck): Outcome {
  const good = { output: goodOutputs[command.step] };
  if (command.step.endsWith('.finish')) return { output: { state: outcomeOf(command).state } };
  const isPoll = command.step.endsWith('.poll');
  const isCopy = command.step.endsWith('.copy');
  switch (how) {
    case 'good':
      return good;
    case 'notYet':
      if (isPoll) return { output: { state: 'InProgress' } };
      return isCopy
        ? { output: { cursor: 1, objects: 1, bytes: 1, copiedObjects: 1, copiedBytes: 1 } }
        : good;
    case 'busy':
    case 'broken':
      // A failed operation is an answer of the poll.
      return isPoll
        ? { output: { state: 'Failed', error: { ...errorRecord(failures[how]) } } }
        : { error: failures[how] };
    default:
      return { error: failures[how] };
  }
}

/** The field of a step's input, such as the attempt. */
export function field(command: StepCommand, name: string): unknown {
  const { input } = command;
  return typeof input === 'object' && input !== null && !Array.isArray(input)
    ? Object.entries(input).find(([key]) => key === name)?.[1]
    : undefined;
}

/** The outcome that a finishing step was given. */
export function outcomeOf(command: StepCommand): {
  readonly state: string;
  readonly error?: { readonly code: string; readonly message: string };
} {
  const outcome = field(command, 'outcome');
  if (
    typeof outcome !== 'object' ||
    outcome === null ||
    !('state' in outcome) ||
    typeof outcome.state !== 'string'
  ) {
    throw new TypeError(`${command.step} was given no outcome`);
  }
  const { state } = outcome;
  if (!('error' in outcome)) return { state };
  const { code, message } = errorRecord(asError(outcome.error));
  return { state, error: { code, message } };
}

function asError(record: unknown): LcbError {
  if (typeof record !== 'object' || record === null || !('code' in record) || !('message' in record))
    throw new TypeError('no error');
  return new LcbError({ code: String(record.code), message: String(record.message) });
}
