import { type Backup, EnvironmentBusyError, isFinal, type Unit, unitSchema } from '@lcb/core';
import { UsageError } from '../usage-error.ts';

/**
 * What of a backup is restored: all of it, or what was named. A backup that failed is restored only by naming what of it
 * is usable, for it is not the environment as it was.
 */
export function unitsToRestore(backup: Backup, chosen: readonly Unit[] | undefined): readonly Unit[] {
  const { runId, state, sealed, units, request } = backup;
  if (!isFinal(state))
    throw new EnvironmentBusyError(`The backup ${runId} is ${state}. Wait until it has ended.`);
  if (backup.deletedAt !== undefined)
    throw new UsageError(`The backup ${runId} was deleted; it can't be restored.`);
  const usable = unitSchema.options.filter((unit) => sealed !== undefined && units[unit]?.usable === true);
  if (usable.length === 0)
    throw new UsageError(`The backup ${runId} is ${state}, and nothing of it is usable.`);
  const missing = chosen?.find((unit) => !usable.includes(unit));
  if (missing !== undefined) {
    throw new UsageError(
      `--units names ${missing}, but of ${runId} only ${usable.join(' and ')} can be restored.`,
    );
  }
  if (chosen === undefined && usable.length < request.units.length) {
    throw new UsageError(
      `The backup ${runId} is ${state}: only its ${usable.join(' and ')} is usable. To restore that alone, say --units ${usable.join(',')}.`,
    );
  }
  // Restored beside an environment's own indices, under other names: never without being asked for.
  return chosen ?? usable.filter((unit) => unit !== 'search' || usable.length === 1);
}
