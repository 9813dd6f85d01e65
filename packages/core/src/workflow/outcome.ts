import { errorRecord, LcbError } from '../errors/lcb-error.ts';
import type { RunOutcome } from '../ports/catalog.ts';

/** How a run ended, from what was thrown inside of it. */
export function failureOutcome(thrown: unknown): RunOutcome {
  const error = errorRecord(thrown);
  return error.code === 'run.cancelled' ? { state: 'Cancelled' } : { state: 'Failed', error };
}

/** Errors after which nothing more of the run makes sense, whichever unit they hit. */
export function endsRun(thrown: unknown): boolean {
  return !LcbError.isInstance(thrown) || thrown.code === 'run.cancelled' || thrown.code === 'lease.lost';
}
