import { CommanderError } from 'commander';
import { type ExitCode, exitCodes } from '../exit-code.ts';
import { type OutputFormat, openOutput } from '../output/output.ts';
import { coloured } from '../output/style.ts';
import { UsageError } from '../usage-error.ts';
import { describeError } from './describe-error.ts';
import { createProgram } from './program.ts';

/**
 * Runs one command line.
 * @param entry absolute path of this program, with which it starts its jobs
 * @returns what the process is to exit with
 */
export async function runProgram(args: readonly string[], entry: string): Promise<number> {
  let exitCode: number = exitCodes.done;
  const program = createProgram(async (command, work) => {
    const { config, output } = command.optsWithGlobals();
    exitCode = await work({
      output: openOutput(formatOf(output)),
      places: { option: text(config), variable: process.env.LCB_CONFIG, workingDirectory: process.cwd() },
      entry,
    });
  });
  try {
    await program.parseAsync(args, { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return afterCommander(error, args);
    return report(error, args);
  }
}

/** Commander has said on standard error what is wrong; a script wants it on standard output too. */
function afterCommander({ exitCode, code, message }: CommanderError, args: readonly string[]): ExitCode {
  if (exitCode === 0) return exitCodes.done;
  if (wantsJson(args)) writeJsonError(code, message.replace(/^error: /, ''), false);
  return exitCodes.invalid;
}

async function report(error: unknown, args: readonly string[]): Promise<ExitCode> {
  const { code, messages, retryable, exitCode } = await describeError(error);
  for (const message of messages) {
    process.stderr.write(`${coloured('red', 'error:', process.stderr)} ${message}\n`);
  }
  if (exitCode === exitCodes.internal) {
    process.stderr.write('This is a mistake in lcb. Run it again with --verbose, and report what it says.\n');
  }
  if (error instanceof Error && isVerbose(args)) console.error(error);
  if (wantsJson(args)) writeJsonError(code, messages.join('\n'), retryable);
  return exitCode;
}

function writeJsonError(code: string, message: string, retryable: boolean): void {
  process.stdout.write(`${JSON.stringify({ error: { code, message, retryable } }, undefined, 2)}\n`);
}

function formatOf(given: unknown): OutputFormat {
  if (given === undefined || given === 'table') return 'table';
  if (given === 'json') return 'json';
  throw new UsageError(`--output must be table or json, not ${JSON.stringify(given)}.`);
}

/** Found without the parser, which may be what failed. */
function wantsJson(args: readonly string[]): boolean {
  return args.some((arg, index) => {
    const value =
      arg === '-o' || arg === '--output' ? args[index + 1] : /^(?:-o|--output=)(.+)$/.exec(arg)?.[1];
    return value === 'json';
  });
}

function isVerbose(args: readonly string[]): boolean {
  return args.includes('--verbose') || (process.env.LCB_DEBUG ?? '') !== '';
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
