import { LcbError } from '@lcb/core';
import { errorCode } from '../files/error-code.ts';

interface Meaning {
  readonly code: string;
  readonly advice: string;
  readonly retryable: boolean;
}

const full = { code: 'objectStore.full', retryable: false };
const denied = { code: 'objectStore.denied', retryable: false };
const unavailable = { code: 'objectStore.unavailable', retryable: true };
const failed = { code: 'objectStore.failed', retryable: false };

const manyFiles = 'Too many files are open. Raise the limit (ulimit -n) if this keeps happening.';
const shareAway = 'The file system does not answer; if it is a network share, check its server.';

/** What the system's error numbers mean for somebody who runs backups; see errno(3). */
const meanings: Readonly<Record<string, Meaning>> = {
  ENOSPC: { ...full, advice: 'The disk is full. Free some space, or move the location to a larger disk.' },
  EDQUOT: { ...full, advice: "The user's disk quota is used up. Free some space or raise the quota." },
  EFBIG: { ...full, advice: 'The file system, or a limit (ulimit -f), does not allow a file of this size.' },
  EACCES: { ...denied, advice: 'Give the user that runs the service access to it.' },
  EPERM: { ...denied, advice: 'The system does not permit it to the user that runs the service.' },
  EROFS: { ...denied, advice: 'The file system is mounted read-only. Mount it writable.' },
  EMFILE: { ...unavailable, advice: manyFiles },
  ENFILE: { ...unavailable, advice: manyFiles },
  ENOMEM: { ...unavailable, advice: 'The machine is out of memory.' },
  EAGAIN: { ...unavailable, advice: shareAway },
  EBUSY: { ...unavailable, advice: shareAway },
  ETIMEDOUT: { ...unavailable, advice: shareAway },
  ESTALE: { ...unavailable, advice: shareAway },
  EIO: {
    ...failed,
    advice: 'The disk reports an error. Check the disk and the file system before anything else.',
  },
  EXDEV: {
    ...failed,
    advice: 'A folder inside the location lies on another file system. Use one file system per location.',
  },
};

/** A file system's error as ours, naming the location and the key. Anything that is no system error is answered as it is. */
export function storeError(location: string, key: string, thrown: unknown): unknown {
  const system = errorCode(thrown);
  if (system === undefined) return thrown;
  const meaning = meanings[system] ?? { ...failed, advice: 'This is unexpected: check the file system.' };
  return new LcbError({
    code: meaning.code,
    message: `${where(location, key)}: ${system}. ${meaning.advice}`,
    retryable: meaning.retryable,
    cause: thrown,
  });
}

/** Runs calls of the file system, and nothing else, so that somebody else's errors are never taken for this store's. */
export async function asStoreError<T>(location: string, key: string, calls: () => Promise<T>): Promise<T> {
  try {
    return await calls();
  } catch (error) {
    throw storeError(location, key, error);
  }
}

/** Something in the location that is neither a file nor a folder: never followed, never left out silently. */
export function notAFile(location: string, key: string): LcbError {
  return new LcbError({
    code: 'objectStore.notAFile',
    message: `${where(location, key)} is a symbolic link or a special file, which has no place in an object store. Replace it by the file that it stands for, or remove it.`,
  });
}

/** The bytes or the kind of a file became something else while it was read. */
export function changedWhileRead(location: string, key: string): LcbError {
  return new LcbError({
    code: 'objectStore.changed',
    message: `${where(location, key)} changed while it was read. Read it again.`,
    retryable: true,
  });
}

/** Others undid again and again what a write needed. */
export function contended(location: string, key: string): LcbError {
  return new LcbError({
    code: 'objectStore.contended',
    message: `${where(location, key)} can't be written: its folder is taken away again and again. Look for another program that cleans up there.`,
    retryable: true,
  });
}

function where(location: string, key: string): string {
  return key === '' ? location : `${JSON.stringify(key)} in ${location}`;
}
