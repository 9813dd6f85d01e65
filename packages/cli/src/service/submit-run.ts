import { isFinal, type Run, type RunRequest } from '@lcb/core';
import type { LocalService } from '@lcb/functions-local';
import type { CommandContext } from '../cli/command-context.ts';
import { type ExitCode, exitCodes } from '../exit-code.ts';
import type { Answer } from '../output/output.ts';
import { finishOthers, waitForRun } from './wait-for-run.ts';

export interface Submission {
  readonly request: RunRequest;
  /** Work on it here, until it has ended. */
  readonly wait: boolean;
  readonly answerOf: (run: Run, service: LocalService) => Promise<Answer>;
}

/** Records a request and, if wanted, works on it until it has ended. */
export async function submitRun(
  context: CommandContext,
  service: LocalService,
  submission: Submission,
): Promise<ExitCode> {
  const { output } = context;
  const submitted = await service.submit(submission.request);
  if (!submission.wait) {
    await announce(context, service, submitted);
    return exitCodes.done;
  }
  const run = await waitForRun(service, submitted, output);
  output.answer(await submission.answerOf(run, service));
  await finishOthers(service, output);
  if (run.state === 'Succeeded') return exitCodes.done;
  return run.state === 'Cancelled' ? exitCodes.cancelled : exitCodes.failed;
}

/** The run's id is the answer: nothing is done here, another process will. */
async function announce({ output }: CommandContext, service: LocalService, run: Run): Promise<void> {
  const { runId: id, kind, state, request } = run;
  output.answer({ json: { id, kind, state, requestId: request.requestId }, table: () => `${id}\n` });
  if (isFinal(state) || (await service.isOwned())) return;
  output.notice(`${id} waits: no lcb is at work. Start \`lcb serve\`, or use --wait to work on it here.`);
}
