import { IntegrityError, ObjectNotFoundError } from '../errors/errors.ts';
import { LcbError } from '../errors/lcb-error.ts';
import type { RunOutcome } from '../ports/catalog.ts';
import type { StepContext } from './step-context.ts';

/**
 * Does what the end of a run must not hang on: a run that is never ended blocks its environment. Answers the error that
 * would be the same however often it is tried; throws those after which another try, or another owner, may do better.
 */
export async function refusalOf(
  work: () => Promise<void>,
  { signal }: Pick<StepContext, 'signal'>,
): Promise<LcbError | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    signal.throwIfAborted();
    if (!LcbError.isInstance(error) || error.retryable || error.code === 'lease.lost') throw error;
    return error;
  }
}

/** Bytes that are gone or are not what they were. */
export function isDamage(error: unknown): boolean {
  return error instanceof IntegrityError || error instanceof ObjectNotFoundError;
}

/** Failed in any case: with the error that came first, and with what was found or could not be done at the end. */
export function failedAtEnd(outcome: RunOutcome, error: LcbError, words: string): RunOutcome {
  const first = outcome.state === 'Failed' ? outcome.error : undefined;
  const said = first === undefined ? words : `${first.message} ${words}`;
  return { state: 'Failed', error: { ...(first ?? error.toRecord()), message: said } };
}

/** What could not be removed is said where somebody looks, and fails nothing that is good. */
export function withLeft(outcome: RunOutcome, left: string | undefined): RunOutcome {
  if (left === undefined || outcome.state !== 'Failed') return outcome;
  return { ...outcome, error: { ...outcome.error, message: `${outcome.error.message} ${left}` } };
}
