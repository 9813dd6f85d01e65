import { orAborted } from '../library/or-aborted.ts';
import type { Polled } from '../workflow/step-table.ts';
import type { WorkflowInput } from '../workflow/workflow-input.ts';
import { hookEvent, quiesceHooks } from './hook-event.ts';
import { deadlinePassed, resumedEarly } from './quiesce-errors.ts';
import { resumeEnvironment } from './resume-environment.ts';
import { loadBackup, projectOf, type StepContext } from './step-context.ts';

type InAttempt = WorkflowInput & { readonly attempt: number };

/** Asks the environment to stop changing. That it is asked is recorded first: from then on it is resumed, come what may. */
export async function quiesce(input: InAttempt, context: StepContext): Promise<{ since: string }> {
  const backup = await loadBackup(context, input);
  const { source } = backup.request;
  const { quiesce: hook, maxQuiesceSeconds } = quiesceHooks(source);
  const record = await projectOf(context, input).recordQuiesce(context.lease, input.attempt);
  if (record.resumedAt !== undefined) throw resumedEarly(source, record.resumedBy);
  const deadline = new Date(Date.parse(record.since) + maxQuiesceSeconds * 1000).toISOString();
  const event = hookEvent({
    id: `${backup.runId}-quiesce-${input.attempt}`,
    type: 'cloud.liferay.environment.quiesce.v1',
    environment: source,
    subject: backup.runId,
    time: record.since,
    data: { backupId: backup.runId, attempt: input.attempt, maxQuiesceSeconds, deadline },
  });
  await context.hooks.call(hook, event, context.signal);
  return { since: record.since };
}

/** Asks the environment to go on; answers for how long it stood still. */
export async function resume(input: InAttempt, context: StepContext): Promise<{ seconds: number }> {
  await context.catalog.platform.checkLease(context.lease);
  await resumeEnvironment(await loadBackup(context, input), context);
  return { seconds: await projectOf(context, input).quiescedSeconds(input.runId) };
}

/**
 * Holds a step of a quiesced backup to the deadline: one that begins too late, or is at work when it passes, fails. One
 * that does not listen to its signal is not waited for. Other backups are not touched.
 */
export function whileQuiesced<I extends InAttempt, O>(
  step: (input: I, context: StepContext) => Promise<O>,
): (input: I, context: StepContext) => Promise<O> {
  return async (input, context) => {
    const left = await secondsLeft(input, context);
    if (left === undefined) return step(input, context);
    const { source } = (await loadBackup(context, input)).request;
    const tooLate = deadlinePassed(source, quiesceHooks(source).maxQuiesceSeconds);
    if (left <= 0) throw tooLate;
    const deadline = AbortSignal.timeout(Math.ceil(left * 1000));
    const work = step(input, {
      ...context,
      signal: AbortSignal.any([context.signal, deadline]),
      isTimeOver: () => deadline.aborted || context.isTimeOver(),
    });
    try {
      const output = await orAborted(work, deadline);
      // It may have looked at nothing on its way; whoever resumes by a clock of its own has done so by now.
      if (deadline.aborted) throw tooLate;
      return output;
    } catch (error) {
      if (!deadline.aborted) throw error;
      context.signal.throwIfAborted();
      throw tooLate;
    }
  };
}

/** As {@link whileQuiesced}, for a look at an operation: it says by when to look again at the latest. */
export function pollWhileQuiesced<I extends InAttempt>(
  poll: (input: I, context: StepContext) => Promise<Polled>,
): (input: I, context: StepContext) => Promise<Polled> {
  const bounded = whileQuiesced(poll);
  return async (input, context) => {
    const polled = await bounded(input, context);
    if (polled.state !== 'InProgress') return polled;
    const left = await secondsLeft(input, context);
    return left === undefined ? polled : { ...polled, secondsLeft: Math.max(0, left) };
  };
}

/**
 * How long the environment may go on standing still for this attempt, below 0 when the deadline has passed; `undefined`
 * where it does not. @throws LcbError `quiesce.resumedEarly`
 */
export async function secondsLeft(input: InAttempt, context: StepContext): Promise<number | undefined> {
  const backup = await loadBackup(context, input);
  const { consistency, source } = backup.request;
  const record = backup.hooks?.quiesce;
  // An earlier attempt was resumed by its own step, before this one began.
  if (consistency !== 'quiesce' || record?.attempt !== input.attempt) return undefined;
  if (record.resumedAt !== undefined) throw resumedEarly(source, record.resumedBy);
  const seconds = await projectOf(context, input).quiescedSeconds(input.runId);
  return quiesceHooks(source).maxQuiesceSeconds - seconds;
}
