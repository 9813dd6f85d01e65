import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, readFile } from 'node:fs/promises';
import { waitUntil } from '@lcb/embedded-postgres/testing';
import { greets } from './greeting.ts';
import { findProgram } from './mariadb-programs.ts';

const READY_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 60_000;

/**
 * Starts a server and waits until it lets clients in. On Linux it dies with this process, however that ends.
 *
 * @throws Error with the server's last words when it ends before, or does not greet within a minute.
 */
export async function startProcess(
  program: string,
  options: readonly string[],
  port: number,
  log: string,
): Promise<ChildProcess> {
  const dieWithParent = await findProgram('setpriv');
  const [command = program, ...args] = [
    ...(dieWithParent ? [dieWithParent, '--pdeathsig', 'KILL'] : []),
    program,
    ...options,
  ];
  const output = await open(log, 'a');
  try {
    const child = spawn(command, args, { stdio: ['ignore', output.fd, output.fd], cwd: '/' });
    // Resolves also when the program can't be started; the first one to know decides.
    const ended = Promise.race([once(child, 'exit'), once(child, 'error')]).catch(() => {});
    const ready = await Promise.race([ended, waitUntil(READY_TIMEOUT_MS, () => greets(port))]);
    if (ready === true && isRunning(child)) return child;
    await endProcess(child, 'SIGKILL');
    const words = (await readFile(log, 'utf8')).trimEnd().split('\n').slice(-15).join('\n');
    throw new Error(`${program} did not start on port ${port}:\n${words}`);
  } finally {
    await output.close();
  }
}

/** Ends a server and waits until it is gone. Does nothing when it is gone already. */
export async function endProcess(child: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  if (!isRunning(child)) return;
  const exited = once(child, 'exit', { signal: AbortSignal.timeout(STOP_TIMEOUT_MS) });
  child.kill(signal);
  await exited;
}

function isRunning(child: ChildProcess): boolean {
  return child.pid !== undefined && child.exitCode === null && child.signalCode === null;
}
