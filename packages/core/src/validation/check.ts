import type { Unit } from '../model/unit.ts';
import type { Clock } from '../ports/clock.ts';
import type { Check } from '../repository/manifest.ts';

export interface Finding {
  readonly ok: boolean;
  /** `warns`: when it is not ok, a person should look at it, and the backup is good all the same. */
  readonly severity?: Check['severity'];
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
  const { ok, severity, expected, measured } = await look();
  const seconds = Math.max(0, Date.parse(clock.now()) - began) / 1000;
  return { name, unit, ok, ...(severity === undefined ? {} : { severity }), expected, measured, seconds };
}

/** Does this check keep its unit out of the backup? */
export function isFailure({ ok, severity }: Pick<Check, 'ok' | 'severity'>): boolean {
  return !ok && severity !== 'warns';
}

/** Is it something to look at in a backup that is good? */
export function isWarning({ ok, severity }: Pick<Check, 'ok' | 'severity'>): boolean {
  return !ok && severity === 'warns';
}
