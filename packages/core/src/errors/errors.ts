import { LcbError } from './lcb-error.ts';

/** The caller asked for something that can't be done as asked. Names the field and the fix. Exit code 2. */
export class InvalidRequestError extends LcbError {
  constructor(message: string, code = 'request.invalid') {
    super({ code, message });
    this.name = 'InvalidRequestError';
  }
}

/** The named thing does not exist, or not for this tenant: the two are not told apart. */
export class NotFoundError extends LcbError {
  constructor(message: string, code = 'notFound') {
    super({ code, message });
    this.name = 'NotFoundError';
  }
}

/** Another run reads or writes the environment in a way that conflicts. */
export class EnvironmentBusyError extends LcbError {
  constructor(message: string) {
    super({ code: 'environment.busy', message });
    this.name = 'EnvironmentBusyError';
  }
}

/** The run was asked to stop. Raised at a step boundary, or by long work that reads the flag. */
export class CancelledError extends LcbError {
  constructor(runId: string) {
    super({ code: 'run.cancelled', message: `Run ${runId} was cancelled.` });
    this.name = 'CancelledError';
  }
}

/** The lease of this run belongs to somebody else by now; this process must not write any more. */
export class LeaseLostError extends LcbError {
  constructor(runId: string, epoch: number) {
    super({
      code: 'lease.lost',
      message: `Run ${runId} no longer holds its lease (epoch ${epoch}); another process took over. Nothing more is written by this one.`,
    });
    this.name = 'LeaseLostError';
  }
}

/** A condition of a request to an object store did not hold: the object changed, or exists already. */
export class PreconditionFailedError extends LcbError {
  constructor(message: string) {
    super({ code: 'objectStore.preconditionFailed', message });
    this.name = 'PreconditionFailedError';
  }
}

/** The object is not there (any more). */
export class ObjectNotFoundError extends LcbError {
  constructor(location: string, key: string) {
    super({
      code: 'objectStore.notFound',
      message: `There is no object ${JSON.stringify(key)} in ${location}.`,
    });
    this.name = 'ObjectNotFoundError';
  }
}

/** A store can't hold a key as it is (too long, a segment it forbids). Found before anything starts. */
export class KeyRefusedError extends LcbError {
  constructor(location: string, key: string, reason: string) {
    super({
      code: 'objectStore.keyRefused',
      message: `${location} can't hold the key ${JSON.stringify(key)}: ${reason}`,
    });
    this.name = 'KeyRefusedError';
  }
}

/** Bytes read are not the bytes that were written: hash, size or signature differ. Never retryable. */
export class IntegrityError extends LcbError {
  constructor(message: string, code = 'integrity.mismatch') {
    super({ code, message });
    this.name = 'IntegrityError';
  }
}

/** The operation is not offered by this provider; says which capability is missing and what to use instead. */
export class UnsupportedError extends LcbError {
  constructor(message: string) {
    super({ code: 'capability.unsupported', message });
    this.name = 'UnsupportedError';
  }
}
