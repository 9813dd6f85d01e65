import { z } from 'zod';

/** Marks our errors so that {@link LcbError.isInstance} works across copies of this package in one process. */
const marker = Symbol.for('liferay-cloud-backup.error');

/** What an error looks like as data: in the catalog, in a step's recorded outcome, in JSON output. */
export interface ErrorRecord {
  readonly code: string;
  readonly message: string;
  readonly retryable: boolean;
}

export interface LcbErrorOptions {
  /** Stable, dotted, lower camel case: `objectStore.preconditionFailed`. Interfaces and tests rely on it. */
  readonly code: string;
  /** One or two sentences that say what happened and what to do. Never a secret. */
  readonly message: string;
  /** True if the very same call may succeed later without anybody changing anything. */
  readonly retryable?: boolean;
  readonly cause?: unknown;
}

/** The one family of errors. Whether to try again is said by the error, never guessed by the caller. */
export class LcbError extends Error {
  readonly code: string;
  readonly retryable: boolean;
  readonly [marker] = true;

  constructor(options: LcbErrorOptions) {
    super(options.message, options.cause === undefined ? {} : { cause: options.cause });
    this.name = 'LcbError';
    this.code = options.code;
    this.retryable = options.retryable ?? false;
  }

  static isInstance(value: unknown): value is LcbError {
    return value instanceof Error && marker in value;
  }

  toRecord(): ErrorRecord {
    return { code: this.code, message: this.message, retryable: this.retryable };
  }
}

/** Any thrown value as data. Foreign errors are not retryable: nobody has said that they may be tried again. */
export function errorRecord(thrown: unknown): ErrorRecord {
  if (LcbError.isInstance(thrown)) return thrown.toRecord();
  const message = errorMessage(thrown);
  return { code: 'internal', message, retryable: false };
}

/** An error back from its record, as a workflow sees what a step threw in another process. */
export function errorFromRecord(record: ErrorRecord): LcbError {
  return new LcbError({ code: record.code, message: record.message, retryable: record.retryable });
}

/** The message of any thrown value. */
export function errorMessage(thrown: unknown): string {
  if (thrown instanceof z.ZodError) return z.prettifyError(thrown).replaceAll(/\s*\n\s*/g, ' ');
  return thrown instanceof Error ? thrown.message : String(thrown);
}
