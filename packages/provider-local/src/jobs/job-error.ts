import { LcbError } from '@lcb/core';
import { errorCode } from '../files/error-code.ts';

/** The machine has no process, memory or file handle left just now. */
const shortOf: readonly string[] = ['EAGAIN', 'ENOMEM', 'EMFILE', 'ENFILE'];

export function jobLost(name: string, log: string): LcbError {
  return new LcbError({
    code: 'job.lost',
    message: `The process of job ${name} is gone without a result: it was killed, or the machine restarted. Its log is ${log}.`,
    retryable: true,
  });
}

export function jobStopped(name: string): LcbError {
  return new LcbError({ code: 'job.stopped', message: `Job ${name} was stopped.` });
}

export function jobNotStarted(name: string, command: string, cause: unknown): LcbError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new LcbError({
    code: 'job.notStarted',
    message: `Job ${name} could not be started with ${command}: ${reason}. Check that the program is there and may be run.`,
    retryable: shortOf.includes(errorCode(cause) ?? ''),
    cause,
  });
}

/** A disk or quota that is full, as a sentence; anything else as it is. */
export function jobNoRoom(name: string, directory: string, cause: unknown): unknown {
  if (!['ENOSPC', 'EDQUOT'].includes(errorCode(cause) ?? '')) return cause;
  return new LcbError({
    code: 'job.noRoom',
    message: `Job ${name} could not be started: the disk of ${directory} is full. Make room there and start again.`,
    cause,
  });
}
