import { errorFromRecord } from '../errors/lcb-error.ts';
import type { Workflow } from './command.ts';
import type { Polled } from './step-table.ts';

/**
 * Seconds between two looks at an operation: about a tenth of what it has taken so far, so that its end is never noticed
 * much too late, and a long one does not fill the journal.
 */
const firstPause = 0.2;
const longestPause = 15;
const growth = 1.1;

/** Looks at a long operation until it has ended; throws what it failed with. */
export function* untilDone(poll: () => Workflow<Polled>): Workflow<void> {
  let pause = firstPause;
  for (;;) {
    const polled = yield* poll();
    if (polled.state === 'Succeeded') return;
    if (polled.state === 'Failed') throw errorFromRecord(polled.error);
    yield { kind: 'sleep', seconds: Math.min(pause, polled.secondsLeft ?? pause) };
    pause = Math.min(longestPause, pause * growth);
  }
}
