import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { type Measurement, measurementSchema, type Task } from './measurement.ts';

export interface MeasureOptions {
  readonly signal: AbortSignal;
  /** Folder for CPU profiles. */
  readonly cpuProf?: string | undefined;
}

/** Does a task in a process of its own, so that its memory and CPU time are nobody else's. */
export async function measure(task: Task, { signal, cpuProf }: MeasureOptions): Promise<Measurement> {
  signal.throwIfAborted();
  const main = fileURLToPath(new URL('measure-main.ts', import.meta.url));
  const profiling = cpuProf === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${cpuProf}`];
  // With the memory that `lcb` is started with.
  const child = spawn(process.execPath, ['--max-semi-space-size=8', ...profiling, main], {
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  // Asked to end, not killed: the service then stops the jobs that it started.
  const onAbort = () => child.kill('SIGTERM');
  signal.addEventListener('abort', onAbort, { once: true });
  child.stdin.end(JSON.stringify(task));
  const closed = once(child, 'close');
  const [output, complaints] = await Promise.all([text(child.stdout), text(child.stderr)]);
  const [code] = await closed;
  signal.removeEventListener('abort', onAbort);
  signal.throwIfAborted();
  if (code !== 0) throw new Error(`A measurement (${task.kind}) ended with ${code}:\n${complaints.trim()}`);
  return measurementSchema.parse(JSON.parse(output));
}
