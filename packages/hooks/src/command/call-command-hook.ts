import { spawn } from 'node:child_process';
import { type CloudEvent, type CommandHook, LcbError } from '@lcb/core';
import { reducedEnvironment } from './reduced-environment.ts';
import { scrubOutput } from './scrub.ts';

/** Characters of a program's last words that an error repeats, … */
const lastWords = 1000;
/** … and that are kept until then: more, so that no secret is cut in half before it is recognised. */
const keptWords = 16 * lastWords;

/**
 * Runs the program with the event on its standard input; exit code 0 is success. It gets a process group of its own, which is
 * killed as a whole at the deadline, and after the end for what the program left behind.
 */
export async function callCommandHook(
  hook: CommandHook,
  event: CloudEvent,
  env: Readonly<Record<string, string | undefined>>,
  signal: AbortSignal,
): Promise<void> {
  signal.throwIfAborted();
  const [program, ...args] = hook.command;
  const child = spawn(program, args, {
    detached: true,
    shell: false,
    env: { ...reducedEnvironment(env), LCB_EVENT_ID: event.id, LCB_EVENT_TYPE: event.type },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const said = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      said[name] = (said[name] + text).slice(-keptWords);
    });
  }
  // A program that reads nothing and ends: that is its right.
  child.stdin.on('error', () => undefined);
  child.stdin.end(`${JSON.stringify(event)}\n`);

  let ended: { readonly code: number | null; readonly killedBy: string | null } | undefined;
  let isStopped = false;
  const stop = () => {
    isStopped = true;
    // Once the leader is gone its number may be another's.
    if (ended === undefined) killGroup(child.pid);
    // What left the group could hold them open for ever.
    child.stdout.destroy();
    child.stderr.destroy();
  };
  const timer = setTimeout(stop, hook.timeoutSeconds * 1000);
  signal.addEventListener('abort', stop, { once: true });
  try {
    await new Promise<void>((resolve, reject) => {
      child.once('error', (error) => reject(notStarted(program, error)));
      child.once('exit', (code, killedBy) => {
        if (!isStopped) ended = { code, killedBy };
        killGroup(child.pid);
      });
      child.once('close', () => resolve());
    });
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
  }
  if (ended === undefined) {
    signal.throwIfAborted();
    throw timedOut(program, hook);
  }
  if (ended.code === 0) return;
  const how = ended.code === null ? `was ended by ${ended.killedBy}` : `ended with ${ended.code}`;
  throw failed(program, how, said.stderr.trim() === '' ? said.stdout : said.stderr);
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    // The whole group is gone.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

function timedOut(program: string, { timeoutSeconds }: CommandHook): LcbError {
  return new LcbError({
    code: 'hook.timedOut',
    message: `The hook ${program} did not end within ${timeoutSeconds} seconds and was killed. Let it end sooner, or raise its timeoutSeconds.`,
    retryable: true,
  });
}

function notStarted(program: string, cause: Error): LcbError {
  return new LcbError({
    code: 'hook.commandNotStarted',
    message: `The hook ${program} can't be started (${cause.message}). It must be a program that the service's user may run.`,
    cause,
  });
}

/** Whether a later try would go better, a program has no way to say: so it is tried again. */
function failed(program: string, how: string, said: string): LcbError {
  const words = scrubOutput(said)
    .trim()
    .replaceAll(/\s*\n\s*/g, ' | ');
  return new LcbError({
    code: 'hook.commandFailed',
    message: `The hook ${program} ${how}.${words === '' ? '' : ` It said: ${words}`}`,
    retryable: true,
  });
}
