import { InvalidRequestError } from '../errors/errors.ts';
import { databaseSelectionSchema } from '../model/database-selection.ts';
import type { OperationHandle } from '../model/operation.ts';
import { databaseConnectionSchema } from '../model/project.ts';
import { databaseDumpSchema } from '../ports/database-engine.ts';
import { writeJsonArtefact } from '../repository/json-artefact.ts';
import { backupPrefix, dumpDescriptionPath } from '../repository/layout.ts';
import { maxAttempts } from '../workflow/database-first.ts';
import type { Polled } from '../workflow/step-table.ts';
import type { WorkflowInput } from '../workflow/workflow-input.ts';
import { attemptOf } from './attempt.ts';
import { followOperation, showProgress } from './follow-operation.ts';
import { loadBackup, projectOf, type StepContext } from './step-context.ts';

type InAttempt = WorkflowInput & { readonly attempt: number };

/** Starts the dump of this attempt, or finds the one that was started before. */
export async function startDump(
  input: InAttempt & { readonly exact: boolean },
  context: StepContext,
): Promise<OperationHandle> {
  const backup = await loadBackup(context, input);
  const { source, compression } = backup.request;
  const { documentLibrary } = source;
  if (source.database === undefined) throw new InvalidRequestError('This environment has no database.');
  await projectOf(context, input).setUnit(context.lease, 'database', {
    state: 'InProgress',
    startedAt: context.clock.now(),
  });
  return context.provider.createDatabaseDump({
    attempt: attemptOf(backup, input.attempt),
    source: databaseConnectionSchema.parse(source.database),
    selection: databaseSelectionSchema.parse(source.database),
    ...workersOf(source.database, input.attempt),
    ...(source.database.lockSeconds === undefined ? {} : { lockSeconds: source.database.lockSeconds }),
    compression,
    ...(input.exact && documentLibrary !== undefined ? { library: documentLibrary.location } : {}),
  });
}

/**
 * The last attempt reads by one stream: what several readers can't bear (definitions that change, a connection that is lost) is what the
 * attempts before may have failed for.
 */
function workersOf({ workers }: { readonly workers?: number | undefined }, attempt: number) {
  if (attempt === maxAttempts) return { workers: 1 };
  return workers === undefined ? {} : { workers };
}

/** Looks at the dump; when it has ended well, its description is kept with the attempt. */
export async function pollDump(
  input: InAttempt & { readonly handle: OperationHandle },
  context: StepContext,
): Promise<Polled> {
  const backup = await loadBackup(context, input);
  return followOperation(input.handle, context, {
    result: databaseDumpSchema,
    onProgress: showProgress(context, input, 'database'),
    async onSucceeded(dump) {
      const attempt = attemptOf(backup, input.attempt);
      const store = context.provider.objectStore(attempt.location);
      const prefix = backupPrefix(attempt, attempt.backupId);
      await writeJsonArtefact(store, prefix, dumpDescriptionPath(input.attempt), dump);
      await projectOf(context, input).setUnit(context.lease, 'database', {
        bytes: dump.bytes,
        storedBytes: dump.storedBytes,
        progress: 100,
      });
      return undefined;
    },
  });
}
