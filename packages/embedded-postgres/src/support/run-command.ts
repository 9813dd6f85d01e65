import { spawn } from 'node:child_process';
import { EmbeddedPostgresError, messageOf } from '../errors.ts';
import type { OsAccount } from './os-account.ts';

export interface CommandOptions {
  /** The operating system account to run as; the current one when left out. */
  readonly account?: OsAccount | undefined;
  /** The whole environment of the child; the current one when left out. */
  readonly env?: NodeJS.ProcessEnv | undefined;
  /** Working folder. `/` by default: another account may not be able to enter the caller's. */
  readonly cwd?: string | undefined;
}

export interface CommandResult {
  readonly exitCode: number;
  readonly stdout: string;
  /** Standard output and standard error in the order they came. */
  readonly output: string;
}

/**
 * Runs a program to its end and gives its exit code and output.
 *
 * @throws EmbeddedPostgresError `postgres.commandFailed` when the program can't be started at all.
 */
export function runCommand(
  program: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: options.cwd ?? '/',
      env: options.env ?? process.env,
      stdio: ['ignore', 'pipe', 'pipe'],
      // A session of its own: Ctrl-C in the caller's terminal must not reach a server being started.
      detached: true,
      ...(options.account && { uid: options.account.uid, gid: options.account.gid }),
    });
    let stdout = '';
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
      output += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
    child.on('error', (error) =>
      reject(
        new EmbeddedPostgresError(
          'postgres.commandFailed',
          `${program} could not be run: ${messageOf(error)}.`,
          error,
        ),
      ),
    );
    child.on('close', (code, signal) =>
      resolve({ exitCode: code ?? 1, stdout, output: signal ? `${output}\nended by ${signal}` : output }),
    );
  });
}

/**
 * Runs a program that has to succeed and gives its standard output.
 *
 * @throws EmbeddedPostgresError `postgres.commandFailed` with the last lines that it printed.
 */
export async function runOrThrow(
  program: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<string> {
  const result = await runCommand(program, args, options);
  if (result.exitCode !== 0) {
    throw new EmbeddedPostgresError(
      'postgres.commandFailed',
      `${program} ${args[0] ?? ''} ended with exit code ${result.exitCode}:\n${lastLines(result.output)}`,
    );
  }
  return result.stdout;
}

/** The last lines of a text, 15 by default, without blank ones. */
export function lastLines(text: string, count = 15): string {
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .slice(-count)
    .join('\n');
}
