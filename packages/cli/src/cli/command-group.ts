import type { Command } from 'commander';
import type { ExitCode } from '../exit-code.ts';
import type { CommandContext } from './command-context.ts';

/** Runs one command and keeps what the program is to exit with. */
export type Run = (
  command: Command,
  work: (context: CommandContext) => Promise<ExitCode | number>,
) => Promise<void>;

/**
 * Adds commands to the program. What they do is imported when one is called, so that help, completion and mistyped options
 * do not wait for it.
 */
export type CommandGroup = (program: Command, run: Run) => void;

/** Options that several commands share, worded once. */
export const flags = {
  project: ['-p, --project <name>', 'project, where lcb.yaml declares several'],
  environment: ['-e, --environment <name>', 'environment, where lcb.yaml declares several'],
  units: ['--units <list>', 'database, documentLibrary, or both with a comma (all that there are)'],
  notes: ['--notes <text>', 'kept with the run'],
  requestId: [
    '--request-id <id>',
    'idempotency key: a request runs once, however often it is made (a new one)',
  ],
  dryRun: ['--dry-run', 'say what would be done, and do nothing'],
  wait: ['--wait', 'work on it here, show progress, and end when it has ended'],
  level: [
    '--level <level>',
    'quick: presence and sizes; sample: also the bytes of some objects; full: every byte (full)',
  ],
  sample: ['--sample <n>', 'objects of each backup that --level sample reads (100)'],
  seed: ['--seed <text>', 'take the sample that another verification took, by the seed that it named'],
  state: ['--state <list>', 'only in these states, such as Succeeded,Failed'],
  unit: ['--unit <unit>', 'only with this unit'],
  from: ['--from <time>', 'requested at or after: 2025-11-09 or 2025-11-09T14:30:00Z'],
  to: ['--to <time>', 'requested before'],
  limit: ['--limit <n>', 'at most so many (50)'],
  pageToken: ['--page-token <token>', 'go on after the page that named it'],
} as const;

/** Collects an option that may be repeated. Not variadic: that would take an argument that follows for a value, too. */
export function collected(value: string, values: readonly string[] = []): string[] {
  return [...values, value];
}
