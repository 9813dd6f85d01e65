import { errorRecord, LcbError } from '../errors/lcb-error.ts';
import type { EnvironmentRef } from '../model/ids.ts';

export function deadlinePassed({ projectId, environment }: EnvironmentRef, seconds: number): LcbError {
  return new LcbError({
    code: 'quiesce.deadlinePassed',
    message: `The backup of ${projectId}/${environment} did not fit into the ${seconds} seconds that it may be quiesced. Make a backup with databaseFirst shortly before, so that less is left to copy, or raise hooks.maxQuiesceSeconds.`,
  });
}

export function resumedEarly({ projectId, environment }: EnvironmentRef, by: string | undefined): LcbError {
  return new LcbError({
    code: 'quiesce.resumedEarly',
    message: `${projectId}/${environment} was resumed${by === undefined ? '' : ` by ${by}`} while it was being backed up. Start the backup again.`,
  });
}

/** Loud, because an environment that nobody can write to wakes people up. */
export function resumeFailed({ projectId, environment }: EnvironmentRef, cause: unknown): LcbError {
  const { message, retryable } = errorRecord(cause);
  return new LcbError({
    code: 'hook.resumeFailed',
    message: `${projectId}/${environment} MAY STILL BE READ-ONLY: it could not be told to go on. ${message} When that is mended, run \`lcb env resume ${environment} --project ${projectId}\`, or make it writable by hand.`,
    retryable,
    cause,
  });
}
