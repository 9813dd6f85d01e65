import { IntegrityError } from '../errors/errors.ts';
import { compareWithIndex } from '../library/compare-with-index.ts';
import type { Artefact } from '../ports/database-engine.ts';
import { othersOf } from './restore-others.ts';
import { libraryOf } from './restore-places.ts';
import { readRestorePlan, rowsToRestore } from './restore-selection.ts';
import { openSource, type RestoreInput, type RestoreSource } from './restore-source.ts';
import { projectOf, type StepContext } from './step-context.ts';

/** Lists the restored library and holds it against the backup's index. The database was counted after its load. */
export async function validateRestore(
  input: RestoreInput & { readonly plan?: Artefact | undefined },
  context: StepContext,
): Promise<{ checks: number }> {
  const source = await openSource(input, context);
  const project = projectOf(context, input);
  await project.setState(context.lease, 'Validating');
  if (input.plan !== undefined) await validateLibrary(source, input, input.plan, context);
  // The last step on the way back: from here on the environment is what the safety backup holds.
  if (input.rollback) await project.addResult(context.lease, { rolledBack: true });
  return { checks: input.plan === undefined ? 0 : 1 };
}

async function validateLibrary(
  source: RestoreSource,
  input: RestoreInput,
  path: Artefact,
  context: StepContext,
): Promise<void> {
  const { request } = source.restore;
  const plan = await readRestorePlan(source, path, context);
  const isOther = othersOf(source, input);
  const comparison = await compareWithIndex(
    context.provider.objectStore(libraryOf(source.restore)),
    rowsToRestore(source, input, plan, context),
    // What is none of the restore's business may be there, and goes on living.
    (key) => request.mode === 'inPlace' && !isOther(key),
  );
  const [first] = comparison.differences;
  if (first !== undefined) {
    throw new IntegrityError(
      `The restored library differs from the backup in ${comparison.differing} objects, such as ${JSON.stringify(first.key)} (${first.kind}).`,
      'restore.libraryDiffers',
    );
  }
  await projectOf(context, input).setUnit(context.lease, 'documentLibrary', {
    state: 'Succeeded',
    progress: 100,
    objects: plan.objects,
    bytes: plan.bytes,
    completedAt: context.clock.now(),
  });
}
