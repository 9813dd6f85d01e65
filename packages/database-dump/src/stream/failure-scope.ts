import { LcbError } from '@lcb/core';

/**
 * Several tasks that succeed or fail together: the first failure (or the outer signal) aborts `signal`, and it is the
 * one that is reported. What fails afterwards (a killed tool, a closed connection) is only its consequence.
 */
export class FailureScope {
  /** Fires at the first failure, with it as the reason, or when the outer signal does. */
  readonly signal: AbortSignal;
  readonly #own = new AbortController();

  constructor(outer: AbortSignal) {
    this.signal = AbortSignal.any([outer, this.#own.signal]);
  }

  fail(error: unknown): void {
    this.#own.abort(error);
  }

  /** Runs a task of the scope. Its failure fails the scope; what is thrown is the scope's first failure. */
  async run<T>(task: () => Promise<T>): Promise<T> {
    this.throwIfFailed();
    try {
      return await task();
    } catch (error) {
      this.fail(error);
      throw this.#failure();
    }
  }

  /** Waits until every task has ended, also when one failed: nothing may be in flight when cleaning up. */
  async settle<T extends readonly unknown[]>(tasks: { [K in keyof T]: Promise<T[K]> }): Promise<T> {
    await Promise.allSettled(tasks);
    this.throwIfFailed();
    return await Promise.all(tasks);
  }

  throwIfFailed(): void {
    if (this.signal.aborted) throw this.#failure();
  }

  #failure(): unknown {
    const reason: unknown = this.signal.reason;
    const isPlainAbort = reason instanceof DOMException && reason.name === 'AbortError';
    if (!isPlainAbort) return reason;
    return new LcbError({
      code: 'run.cancelled',
      message: 'Stopped because it was asked to.',
      cause: reason,
    });
  }
}
