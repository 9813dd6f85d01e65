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
 * Holds a step of a quiesced backup to the deadline: one that begins too late, or is at work when it passes, fails. Other
 * backups are not touched.
 */
export function whileQuiesced<I extends InAttempt, O>(
  step: (input: I, context: StepContext) => Promise<O>,
): (input: I, context: StepContext) => Promise<O> {
  return async (input, context) => {
    const backup = await loadBackup(context, input);
    const { consistency, source } = backup.request;
    if (consistency !== 'quiesce') return step(input, context);
    const { maxQuiesceSeconds } = quiesceHooks(source);
    // An earlier attempt was resumed by its own step, before this one began.
    const record = backup.hooks?.quiesce;
    const isOfAttempt = record?.attempt === input.attempt;
    if (!isOfAttempt) return step(input, context);
    const { resumedAt, resumedBy } = record;
    if (resumedAt !== undefined) throw resumedEarly(source, resumedBy);
    const seconds = await projectOf(context, input).quiescedSeconds(input.runId);
    const left = maxQuiesceSeconds - seconds;
    if (left <= 0) throw deadlinePassed(source, maxQuiesceSeconds);
    const deadline = AbortSignal.timeout(Math.ceil(left * 1000));
    try {
      const output = await step(input, {
        ...context,
        signal: AbortSignal.any([context.signal, deadline]),
        isTimeOver: () => deadline.aborted || context.isTimeOver(),
      });
      // It may have looked at nothing on its way; whoever resumes by a clock of its own has done so by now.
      if (deadline.aborted) throw deadlinePassed(source, maxQuiesceSeconds);
      return output;
    } catch (error) {
      if (deadline.aborted && !context.signal.aborted) throw deadlinePassed(source, maxQuiesceSeconds);
      throw error;
    }
  };
}
