import { z } from 'zod';
import { LcbError } from '../errors/lcb-error.ts';

export const stateSchema = z.enum([
  'Pending',
  'InProgress',
  'Validating',
  'Succeeded',
  'Failed',
  'Cancelled',
]);
/** Where a run, or one unit of it, stands. The last three are final. */
export type State = z.infer<typeof stateSchema>;

/** The one place that says which state may follow which. */
const transitions: Readonly<Record<State, readonly State[]>> = {
  Pending: ['InProgress', 'Failed', 'Cancelled'],
  InProgress: ['Validating', 'Succeeded', 'Failed', 'Cancelled'],
  Validating: ['InProgress', 'Succeeded', 'Failed', 'Cancelled'],
  Succeeded: [],
  Failed: [],
  Cancelled: [],
};

export function isFinal(state: State): boolean {
  return transitions[state].length === 0;
}

/** Repeating a state is no transition and always allowed: steps run twice. */
export function isLegalTransition(from: State, to: State): boolean {
  return from === to || transitions[from].includes(to);
}

/** @throws LcbError `state.illegalTransition` */
export function assertTransition(runId: string, from: State, to: State): void {
  if (isLegalTransition(from, to)) return;
  throw new LcbError({
    code: 'state.illegalTransition',
    message: `Run ${runId} is ${from} and can't become ${to}.`,
  });
}
