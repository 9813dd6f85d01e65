import { InvalidRequestError } from '../errors/errors.ts';
import type { OperationHandle } from '../model/operation.ts';
import type { Backup } from '../model/run.ts';
import { type EnvironmentSearch, type SearchSnapshot, searchSnapshotSchema } from '../model/search.ts';
import type { ObjectStore } from '../ports/object-store.ts';
import { readJson, writeJsonArtefact } from '../repository/json-artefact.ts';
import { backupPrefix, searchSnapshotPath } from '../repository/layout.ts';
import type { Polled } from '../workflow/step-table.ts';
import type { WorkflowInput } from '../workflow/workflow-input.ts';
import { attemptOf } from './attempt.ts';
import { followOperation, showProgress } from './follow-operation.ts';
import { loadBackup, projectOf, type StepContext } from './step-context.ts';

type InAttempt = WorkflowInput & { readonly attempt: number };

function searchOf({ request }: Backup): EnvironmentSearch {
  const { search } = request.source;
  if (search === undefined) throw new InvalidRequestError('This environment declares no search.');
  return search;
}

/** Starts the snapshot of this attempt, or finds the one that was started before. */
export async function startSearchSnapshot(input: InAttempt, context: StepContext): Promise<OperationHandle> {
  const backup = await loadBackup(context, input);
  const source = searchOf(backup);
  await projectOf(context, input).setUnit(context.lease, 'search', {
    state: 'InProgress',
    startedAt: context.clock.now(),
  });
  return context.provider.createSearchSnapshot({ attempt: attemptOf(backup, input.attempt), source });
}

/** Looks at the snapshot; when it has ended well, what it holds is kept with the attempt. */
export async function pollSearchSnapshot(
  input: InAttempt & { readonly handle: OperationHandle },
  context: StepContext,
): Promise<Polled> {
  const backup = await loadBackup(context, input);
  return followOperation(input.handle, context, {
    result: searchSnapshotSchema,
    onProgress: showProgress(context, input, 'search'),
    async onSucceeded(snapshot) {
      const attempt = attemptOf(backup, input.attempt);
      const store = context.provider.objectStore(attempt.location);
      const prefix = backupPrefix(attempt, attempt.backupId);
      await writeJsonArtefact(store, prefix, searchSnapshotPath(input.attempt), snapshot);
      await projectOf(context, input).setUnit(context.lease, 'search', {
        objects: snapshot.documents,
        ...(snapshot.bytes === undefined ? {} : { bytes: snapshot.bytes }),
        progress: 100,
      });
      return undefined;
    },
  });
}

/** What the poll of this attempt found. */
export function readSearchSnapshot(
  store: ObjectStore,
  backup: Backup,
  attempt: number,
): Promise<SearchSnapshot> {
  const prefix = backupPrefix(backup.request, backup.runId);
  return readJson(store, prefix + searchSnapshotPath(attempt), searchSnapshotSchema);
}
