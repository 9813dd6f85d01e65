import { InvalidRequestError } from '../errors/errors.ts';
import type { RestoreMode } from '../model/run.ts';
import type { Unit } from '../model/unit.ts';
import type { WorkflowInput } from '../workflow/workflow-input.ts';
import { refuseBeyondSafety } from './restore-refusals/beyond-safety.ts';
import { refuseDamagedIndex } from './restore-refusals/damaged-index.ts';
import { refuseForeignPlace } from './restore-refusals/foreign-place.ts';
import { refuseOccupied } from './restore-refusals/occupied.ts';
import { refuseKeys } from './restore-refusals/refused-keys.ts';
import { refuseUnfitDatabase } from './restore-refusals/unfit-database.ts';
import { refuseUnfitPair } from './restore-refusals/unfit-pair.ts';
import { refuseOccupiedSearch } from './restore-search.ts';
import { openSource, safetyBackupOf } from './restore-source.ts';
import { projectOf, type StepContext } from './step-context.ts';

/**
 * Makes sure that the backup has what is wanted, that the target takes it and that nothing is replaced without a way
 * back, before anything is written.
 */
export async function planRestore(
  input: WorkflowInput,
  context: StepContext,
): Promise<{ units: Unit[]; mode: RestoreMode; rollsBack: boolean; scripts: number }> {
  const project = projectOf(context, input);
  await project.setState(context.lease, 'InProgress');
  const source = await openSource({ ...input, rollback: false }, context);
  const { units, mode, safetyBackup, scripts = [] } = source.restore.request;
  const rollsBack = safetyBackup?.kind === 'take';
  if (rollsBack) {
    const { runId: safetyBackupId } = await safetyBackupOf(source.restore, context);
    await project.addResult(context.lease, { safetyBackupId });
    const safety = await openSource({ ...input, rollback: true }, context);
    if (units.includes('database')) await refuseBeyondSafety(safety, context);
  }
  for (const unit of units) {
    const found = source.manifest.units[unit];
    if (found === undefined) {
      throw new InvalidRequestError(
        `${source.manifest.backupId} has no ${unit}; it has ${Object.keys(source.manifest.units).join(', ')}.`,
        'restore.unitMissing',
      );
    }
  }
  if (scripts.length > 0 && !units.includes('database')) {
    throw new InvalidRequestError(
      'Scripts run on the restored database, and none is restored. Leave them out.',
    );
  }
  refuseUnfitPair(source);
  await refuseForeignPlace(source, context);
  await refuseUnfitDatabase(source, context);
  await refuseOccupied(source, context);
  await refuseOccupiedSearch(source, context);
  if (units.includes('documentLibrary')) {
    await refuseDamagedIndex(source, context);
    await refuseKeys(source, context);
  }
  // Marks the targets as this restore's own: from here on `finish` may clear what a failed one leaves there.
  for (const unit of units) {
    await project.setUnit(context.lease, unit, { state: 'InProgress', startedAt: context.clock.now() });
  }
  return { units, mode, rollsBack, scripts: scripts.length };
}
