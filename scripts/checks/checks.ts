import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCommand } from './run-command.ts';
import { one, type Tally } from './tally.ts';
import { tallyReport } from './vitest-report.ts';

export interface Check {
  /** As `npm test -- <name>` calls it. */
  readonly name: string;
  /** For the heading. */
  readonly title: string;
  /** @param args What follows the name on the command line. */
  run(args: readonly string[]): Promise<Tally>;
}

/** Everything that `npm test` runs: what is quick and tells most goes first. */
export const CHECKS: readonly Check[] = [
  command('lint', 'Lint and format', 'biome', ['check', '.']),
  command('types', 'Types', 'tsc', ['-b']),
  command('unused', 'Unused files, exports and dependencies', 'knip', []),
  command('boundaries', 'Import boundaries', process.execPath, ['scripts/boundaries.ts']),
  command('bundles', 'Bundles', process.execPath, ['scripts/build.ts']),
  { name: 'unit', title: 'Tests', run: runVitest },
];

function command(name: string, title: string, program: string, given: readonly string[]): Check {
  return { name, title, run: async (args) => one((await runCommand(program, [...given, ...args])) === 0) };
}

async function runVitest(args: readonly string[]): Promise<Tally> {
  const folder = await mkdtemp(join(tmpdir(), 'lcb-report-'));
  try {
    const report = join(folder, 'report.json');
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
    const exitCode = await runCommand('vitest', ['run', ...reporters, ...args]);
    return existsSync(report) ? tallyReport(await readFile(report, 'utf8'), exitCode) : one(false);
  } finally {
    await rm(folder, { recursive: true });
  }
}
