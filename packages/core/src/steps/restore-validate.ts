import { IntegrityError } from '../errors/errors.ts';
import { readIndex } from '../library/base.ts';
import { compareWithIndex } from '../library/compare-with-index.ts';
import type { WorkflowInput } from '../workflow/workflow-input.ts';
import { openSource } from './restore-plan.ts';
import { projectOf, type StepContext } from './step-context.ts';

/** Lists the restored library and holds it against the backup's index. The database was counted after its load. */
export async function validateRestore(
  input: WorkflowInput,
  context: StepContext,
): Promise<{ checks: number }> {
  const { restore, manifest, backup } = await openSource(input, context);
  const project = projectOf(context, input);
  await project.setState(context.lease, 'Validating');
  const { units, target } = restore.request;
  if (!units.includes('documentLibrary') || target.documentLibrary === undefined) return { checks: 0 };
  const store = context.provider.objectStore(backup.location);
  const library = context.provider.objectStore(target.documentLibrary.location);
  const comparison = await compareWithIndex(library, readIndex(store, backup, manifest));
  const [first] = comparison.differences;
  if (first !== undefined) {
    throw new IntegrityError(
      `The restored library differs from the backup in ${comparison.differing} objects, such as ${JSON.stringify(first.key)} (${first.kind}).`,
      'restore.libraryDiffers',
    );
  }
  await project.setUnit(context.lease, 'documentLibrary', {
    state: 'Succeeded',
    progress: 100,
    objects: comparison.objects,
    bytes: comparison.bytes,
    completedAt: context.clock.now(),
  });
  return { checks: 1 };
}
