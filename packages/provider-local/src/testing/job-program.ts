// A job's program for tests: does what its input says.
import { spawn } from 'node:child_process';
import { appendFileSync, writeFileSync } from 'node:fs';
import { LcbError } from '@lcb/core';
import { z } from 'zod';
import { type JobHandler, runJob } from '../jobs/run-job.ts';

const inputSchema = z.object({
  do: z.enum(['answer', 'fail', 'wait', 'ignoreStop', 'withChild', 'leaveOpen', 'throwUnawaited', 'die']),
  /** A line is appended for each time that the work really begins. */
  journal: z.string(),
});

const handler: JobHandler = async (json, { signal, onProgress }) => {
  const input = inputSchema.parse(json);
  appendFileSync(input.journal, `${process.pid}\n`);
  onProgress({ processedBytes: 5, expectedBytes: 10 });
  switch (input.do) {
    case 'answer':
      return { answer: 42 };
    case 'fail':
      throw new LcbError({ code: 'test.failed', message: 'It failed as told.', retryable: true });
    case 'leaveOpen':
      setInterval(() => undefined, 1000);
      return 'done';
    case 'throwUnawaited':
      setImmediate(() => {
        throw new Error('nobody waits for this');
      });
      return forever();
    case 'die':
      process.kill(process.pid, 'SIGKILL');
      return forever();
    case 'withChild': {
      const child = spawn('sleep', ['600'], { stdio: 'ignore' });
      writeFileSync(`${input.journal}.child`, String(child.pid));
      return stopped(signal);
    }
    case 'ignoreStop':
      return forever();
    case 'wait':
      return stopped(signal);
  }
};

function forever(): Promise<never> {
  return new Promise(() => setInterval(() => undefined, 1000));
}

function stopped(signal: AbortSignal): Promise<never> {
  const alive = setInterval(() => undefined, 1000);
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => {
      clearInterval(alive);
      reject(signal.reason);
    });
  });
}

process.exit(
  await runJob(process.argv.slice(2), {
    dump: handler,
    load: handler,
    rows: handler,
    scripts: handler,
    import: handler,
  }),
);
