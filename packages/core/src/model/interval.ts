import type { Interval } from './values.ts';

/** From the one time to the other. A clock that was set back in between makes the later one the earlier: no interval ends before it begins. */
export function intervalOf(one: string, other: string): Interval {
  return Date.parse(one) <= Date.parse(other) ? { from: one, to: other } : { from: other, to: one };
}
