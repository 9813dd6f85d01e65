import { setTimeout as sleep } from 'node:timers/promises';
import { errorMessage, type Run } from '@lcb/core';
import type { LocalService } from '@lcb/functions-local';
import { exitCodes } from '../exit-code.ts';
import type { Output } from '../output/output.ts';
import { openRunProgress } from '../progress/run-progress.ts';
import { onInterrupt } from './interrupt.ts';
import { initiator } from './request-base.ts';

/**
 * Waits until the run has ended, working on it here when no other process does. The first Ctrl-C cancels the run and goes
 * on waiting for its end; a second one leaves at once, and the next lcb takes the run up where it was.
 */
export async function waitForRun(service: LocalService, run: Run, output: Output): Promise<Run> {
  const progress = openRunProgress();
  const straight = output.divert(progress.notice);
  const end = () => {
    progress.end();
    straight();
  };
  const stop = onInterrupt((count) => {
    if (count > 1) {
      end();
      process.exit(exitCodes.interrupted);
    }
    output.notice(`Cancelling ${run.runId}. Ctrl-C again leaves at once; the next lcb then goes on with it.`);
    service.requestCancel(run, initiator()).catch((error: unknown) => {
      output.notice(`${run.runId} could not be cancelled: ${errorMessage(error)} It goes on.`);
    });
  });
  try {
    return await service.waitFor(run, progress.update, new AbortController().signal);
  } finally {
    stop();
    end();
  }
}

/** Gives other runs that this process has begun the time to end: leaving now would only interrupt them. */
export async function finishOthers(service: LocalService, output: Output): Promise<void> {
  if ((await service.isIdle()) || !(await service.own())) return;
  output.notice(
    'Other runs are at work in this process; waiting for them. Ctrl-C leaves them to the next lcb.',
  );
  const interrupted = new AbortController();
  const stop = onInterrupt((count) =>
    count > 1 ? process.exit(exitCodes.interrupted) : interrupted.abort(),
  );
  try {
    while (!interrupted.signal.aborted && !(await service.isIdle())) await sleep(500);
  } finally {
    stop();
  }
}
