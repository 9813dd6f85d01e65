import { LcbError } from '../errors/lcb-error.ts';
import { maxAttempts } from './backup.ts';
import type { Workflow } from './command.ts';

/** A job that was lost begins anew, under a new number. */
export function* untilAttempted(work: (attempt: number) => Workflow<void>): Workflow<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      yield* work(attempt);
      return;
    } catch (error) {
      if (attempt === maxAttempts || !LcbError.isInstance(error) || !error.retryable) throw error;
    }
  }
}
