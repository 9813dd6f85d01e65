import type { ErrorRecord } from '../errors/lcb-error.ts';
import { LcbError } from '../errors/lcb-error.ts';
import type { Backup } from '../model/run.ts';
import { hookEvent, quiesceHooks } from './hook-event.ts';
import { resumeFailed } from './quiesce-errors.ts';
import { loadBackup, projectOf, type StepContext } from './step-context.ts';

/** Tries in all, in whichever step and process: then a person has to do it. */
const maxResumes = 20;

/**
 * Asks the environment to go on, if this run has quiesced it and nobody has resumed it. Safe to repeat: what was resumed is
 * not asked again. @throws LcbError `hook.resumeFailed`, retryable if its cause is
 */
export async function resumeEnvironment(backup: Backup, context: StepContext): Promise<void> {
  const record = backup.hooks?.quiesce;
  if (record === undefined || record.resumedAt !== undefined) return;
  const { source } = backup.request;
  const { resume: hook } = quiesceHooks(source);
  const project = projectOf(context, backup);
  const event = hookEvent({
    id: `${backup.runId}-resume-${record.attempt}`,
    type: 'cloud.liferay.environment.resume.v1',
    environment: source,
    subject: backup.runId,
    time: context.clock.now(),
    data: { backupId: backup.runId, attempt: record.attempt, quiescedAt: record.since },
  });
  try {
    await context.hooks.call(hook, event, context.signal);
  } catch (error) {
    context.signal.throwIfAborted();
    await project.recordResume(context.lease, 'failed');
    throw resumeFailed(source, error);
  }
  await project.recordResume(context.lease, 'resumed');
}

/**
 * The last who can: called by `finish`, whatever happened to the run before. While trying again may help it throws; then the
 * run ends all the same, so that it does not hold the environment up, and what is answered is its error.
 */
export async function resumeAtLast(given: Backup, context: StepContext): Promise<ErrorRecord | undefined> {
  const backup = await loadBackup(context, given);
  try {
    await resumeEnvironment(backup, context);
    return undefined;
  } catch (error) {
    if (!LcbError.isInstance(error) || error.code !== 'hook.resumeFailed') throw error;
    const failed = (backup.hooks?.quiesce?.failedResumes ?? 0) + 1;
    if (error.retryable && failed < maxResumes) throw error;
    return { ...error.toRecord(), retryable: false };
  }
}
