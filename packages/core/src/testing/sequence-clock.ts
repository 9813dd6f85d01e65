import type { Clock } from '../ports/clock.ts';

/** A clock that goes on by one second each time somebody looks at it. */
export function sequenceClock(from = '2025-11-09T14:30:00.000Z'): Clock {
  let now = Date.parse(from) - 1000;
  return {
    now() {
      now += 1000;
      return new Date(now).toISOString();
    },
  };
}
