import { spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { LcbError } from '@lcb/core';
import { LineTail } from './line-tail.ts';
import type { Scrub } from './scrub.ts';

/** Milliseconds between asking a tool to stop and killing it. */
const GRACE = 5000;
const TAIL_LINES = 20;

export interface ToolCommand {
  /** Absolute path: nothing is looked up, nothing goes through a shell. */
  readonly program: string;
  /** Anybody on the machine can read these: never a secret. */
  readonly args: readonly string[];
  /** The whole environment of the tool; nothing else is handed down. */
  readonly env: Readonly<Record<string, string>>;
  readonly scrub: Scrub;
  /** Stops the tool: SIGTERM first, since dump tools then cancel their query at the server, SIGKILL after 5 s. */
  readonly signal: AbortSignal;
  /** What the tool says on standard error, as it says it, with the secrets that may be in it. */
  readonly onStderr?: (text: string) => void;
}

/** How a tool ended: `code` or `signal`, and its last words without secrets. */
export interface ToolEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly lastLines: readonly string[];
}

export interface RunningTool {
  readonly stdin: Writable;
  /** To be consumed or destroyed: the tool does not end before. */
  readonly stdout: Readable;
  /** Resolves once the tool has ended and all that it wrote is read. Rejects only when it could not be started. */
  readonly ended: Promise<ToolEnd>;
}

/** @throws what aborted the signal, when it fired before. */
export function startTool(command: ToolCommand): RunningTool {
  command.signal.throwIfAborted();
  const child = spawn(command.program, command.args, { env: { ...command.env }, stdio: 'pipe' });
  const tail = new LineTail(TAIL_LINES);
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    tail.push(text);
    command.onStderr?.(text);
  });
  // Writing to a tool that is gone fails with EPIPE; why it is gone says `ended`.
  child.stdin.on('error', () => {});

  let killTimer: NodeJS.Timeout | undefined;
  const stop = () => {
    child.kill('SIGTERM');
    killTimer = setTimeout(() => child.kill('SIGKILL'), GRACE);
  };
  command.signal.addEventListener('abort', stop, { once: true });

  const ended = new Promise<ToolEnd>((resolve, reject) => {
    child.on('error', (error) => reject(notStarted(command.program, error)));
    child.on('close', (code, signal) =>
      resolve({ code, signal, lastLines: tail.lines().map(command.scrub) }),
    );
  }).finally(() => {
    clearTimeout(killTimer);
    command.signal.removeEventListener('abort', stop);
  });
  // It may reject before its reader has come to wait for it.
  ended.catch(() => {});
  return { stdin: child.stdin, stdout: child.stdout, ended };
}

/** Runs a tool that reads nothing and writes little; its standard output. */
export async function toolOutput(
  command: ToolCommand,
): Promise<{ readonly text: string; readonly end: ToolEnd }> {
  const tool = startTool(command);
  tool.stdin.end();
  let text = '';
  for await (const chunk of tool.stdout.setEncoding('utf8')) text += String(chunk);
  return { text, end: await tool.ended };
}

function notStarted(program: string, cause: Error): LcbError {
  return new LcbError({
    code: 'database.toolMissing',
    message: `${program} can't be started (${cause.message}). Check that it is installed and may be run by this user.`,
    cause,
  });
}
