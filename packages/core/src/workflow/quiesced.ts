import type { Unit } from '../model/unit.ts';
import type { Workflow } from './command.ts';
import { type AttemptInput, databaseFirst, type UnitsTaken } from './database-first.ts';
import { stepTable } from './step-table.ts';
import { runStep } from './yield-step.ts';

/**
 * Strategy `quiesce`: the same as `databaseFirst`, while the environment stands still. It goes on whatever happened; when it
 * can't be told to, `finish` is the last to try, and fails the run if it can't either.
 */
export function* quiesced(run: AttemptInput, units: readonly Unit[]): Workflow<UnitsTaken> {
  let taken: UnitsTaken;
  try {
    yield* runStep(stepTable.backupQuiesce, run);
    taken = yield* databaseFirst(run, units);
  } catch (error) {
    yield* runStep(stepTable.backupResume, run);
    throw error;
  }
  try {
    yield* runStep(stepTable.backupResume, run);
  } catch (error) {
    // No second attempt on an environment that is read-only already. What was taken is good, though, and is sealed.
    if (taken.again) throw error;
  }
  return taken;
}
