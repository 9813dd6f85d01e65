import type { Unit } from '../model/unit.ts';
import type { Clock } from '../ports/clock.ts';
import type { Check } from '../repository/manifest.ts';

export interface Finding {
  readonly ok: boolean;
  readonly expected: string;
  readonly measured: string;
}

/** Makes one check and takes its time. A check that can't be made throws: not knowing is not passing. */
export async function check(
  clock: Clock,
  unit: Unit,
  name: string,
  look: () => Promise<Finding> | Finding,
): Promise<Check> {
  const began = Date.parse(clock.now());
  const { ok, expected, measured } = await look();
  return { name, unit, ok, expected, measured, seconds: Math.max(0, Date.parse(clock.now()) - began) / 1000 };
}
