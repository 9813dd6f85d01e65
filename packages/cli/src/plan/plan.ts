import type { PlannedScript } from '@lcb/functions-local';
import { type ExitCode, exitCodes } from '../exit-code.ts';
import { formatBytes, formatDuration, plural } from '../output/format.ts';
import type { Output } from '../output/output.ts';
import { coloured } from '../output/style.ts';
import { details, indented } from '../output/table.ts';

/** What a command would do, said before it does any of it (`--dry-run`). */
export interface Plan {
  /** One sentence without a full stop: `Back up retail/prd`. */
  readonly title: string;
  /** Places as a person knows them: URLs, folders, names of databases. */
  readonly reads: readonly string[];
  readonly writes: readonly string[];
  /** What is there now and would be gone afterwards. */
  readonly overwrites: readonly string[];
  /** The backup whose copies are used again. */
  readonly base?: string;
  /** What would be moved, as far as it can be known without doing it. */
  readonly copies?: { readonly objects: number; readonly bytes: number };
  /** Seconds, from earlier runs of the same kind; absent where there are none. */
  readonly expectedSeconds?: number;
  /** What scripts would run, in this order. */
  readonly scripts?: readonly Pick<PlannedScript, 'name' | 'statements'>[];
  /** Everything else that a person should know, one sentence each. */
  readonly notes: readonly string[];
  /** Why it can't be done as things are, one sentence each. Empty when nothing stands against it. */
  readonly blockedBy: readonly string[];
}

/** Answers with the plan. A plan that is blocked is an answer all the same, but not a success. */
export function answerPlan(output: Output, plan: Plan): ExitCode {
  output.answer({ json: { dryRun: true, ...plan }, table: () => planView(plan) });
  return plan.blockedBy.length === 0 ? exitCodes.done : exitCodes.conflict;
}

function planView(plan: Plan): string {
  const { copies, expectedSeconds } = plan;
  const facts = details([
    ...plan.reads.map((place) => ['Reads', place] as const),
    ...plan.writes.map((place) => ['Writes', place] as const),
    ...plan.overwrites.map((place) => [coloured('yellow', 'Overwrites'), place] as const),
    ['Base', plan.base],
    ['Copies', copies && `${plural(copies.objects, 'object')}, ${formatBytes(copies.bytes)}`],
    ['Takes about', expectedSeconds === undefined ? undefined : formatDuration(expectedSeconds)],
    ...plan.notes.map((note) => ['Note', note] as const),
    ...plan.blockedBy.map((reason) => [coloured('red', 'Blocked'), reason] as const),
  ]);
  const scripts = (plan.scripts ?? []).map(scriptView).join('');
  const end =
    plan.blockedBy.length === 0 ? 'Nothing was done (--dry-run).' : 'This can not be done as things are.';
  return `${plan.title}\n${indented(facts)}${scripts}${end}\n`;
}

/** One statement a line, as it would run. */
function scriptView({ name, statements }: Pick<PlannedScript, 'name' | 'statements'>): string {
  const lines = statements.map(
    ({ line, kind, sql }) => `  ${String(line).padStart(5)}  ${kind.padEnd(14)}  ${sql}\n`,
  );
  return `Script ${name}: ${plural(statements.length, 'statement')}\n${lines.join('')}`;
}
