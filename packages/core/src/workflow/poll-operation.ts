import { errorFromRecord } from '../errors/lcb-error.ts';
import type { Workflow } from './command.ts';
import type { Polled } from './step-table.ts';

/** Seconds between two looks at an operation: quick at first, so that small work is not held up. */
const firstPause = 0.2;
const longestPause = 15;

/** Looks at a long operation until it has ended; throws what it failed with. */
export function* untilDone(poll: () => Workflow<Polled>): Workflow<void> {
  let pause = firstPause;
  for (;;) {
    const polled = yield* poll();
    if (polled.state === 'Succeeded') return;
    if (polled.state === 'Failed') throw errorFromRecord(polled.error);
    yield { kind: 'sleep', seconds: pause };
    pause = Math.min(longestPause, pause * 1.5);
  }
}
