import { InvalidRequestError } from '../errors/errors.ts';
import type { OperationHandle } from '../model/operation.ts';
import { type SearchSnapshot, type SearchTarget, searchRestoredSchema } from '../model/search.ts';
import type { Polled } from '../workflow/step-table.ts';
import type { WorkflowInput } from '../workflow/workflow-input.ts';
import { followOperation } from './follow-operation.ts';
import { openSource, type RestoreSource } from './restore-source.ts';
import { projectOf, type StepContext } from './step-context.ts';

type InTry = WorkflowInput & { readonly attempt: number };

function partsOf({ restore, manifest }: RestoreSource): {
  readonly snapshot: SearchSnapshot;
  readonly target: SearchTarget;
} {
  const { search: snapshot } = manifest.units;
  const { search: target } = restore.request.target;
  if (snapshot === undefined || target === undefined)
    throw new InvalidRequestError('There is no search index to restore, or no place for it.');
  return { snapshot, target };
}

/** Existing indices are never written to. */
export async function refuseOccupiedSearch(source: RestoreSource, { provider }: StepContext): Promise<void> {
  if (!source.restore.request.units.includes('search')) return;
  const { snapshot, target } = partsOf(source);
  const [first] = await provider.searchTargetState({ snapshot, target });
  if (first === undefined) return;
  throw new InvalidRequestError(
    `The search cluster has an index ${first} already. Restore with another prefix (search.restorePrefix), or delete it.`,
    'restore.targetOccupied',
  );
}

/** Starts the restore of the indices, or finds that it was started before. */
export async function startSearchRestore(input: InTry, context: StepContext): Promise<OperationHandle> {
  const source = await openSource({ ...input, rollback: false }, context);
  const { runId, backup } = { runId: input.runId, backup: source.backup };
  return context.provider.restoreSearchSnapshot({ runId, backup, ...partsOf(source) });
}

export async function pollSearchRestore(
  input: WorkflowInput & { readonly handle: OperationHandle },
  context: StepContext,
): Promise<Polled> {
  return followOperation(input.handle, context, {
    result: searchRestoredSchema,
    async onSucceeded({ documents }) {
      await projectOf(context, input).setUnit(context.lease, 'search', {
        state: 'Succeeded',
        progress: 100,
        objects: documents,
        completedAt: context.clock.now(),
      });
      return undefined;
    },
  });
}
