import { InvalidRequestError } from '../errors/errors.ts';
import { LcbError } from '../errors/lcb-error.ts';
import type { OperationHandle } from '../model/operation.ts';
import type { ShardProgress } from '../ports/backup-provider.ts';
import { type DatabaseLoad, databaseDumpSchema, databaseLoadSchema } from '../ports/database-engine.ts';
import { readJsonArtefact } from '../repository/json-artefact.ts';
import { backupPrefix } from '../repository/layout.ts';
import type { Polled } from '../workflow/step-table.ts';
import type { WorkflowInput } from '../workflow/workflow-input.ts';
import { lost } from './backup-database.ts';
import { openSource } from './restore-plan.ts';
import { projectOf, type StepContext } from './step-context.ts';
import { type ShardPlace, unitProgress } from './unit-progress.ts';

/** Starts loading the dump into the target, or finds the load that was started before. */
export async function startLoad(
  input: WorkflowInput & { readonly attempt: number },
  context: StepContext,
): Promise<OperationHandle> {
  const { restore, manifest, backup } = await openSource(input, context);
  const { database } = manifest.units;
  const target = restore.request.target.database;
  if (database === undefined || target === undefined)
    throw new InvalidRequestError('There is no database to restore.');
  const store = context.provider.objectStore(backup.location);
  const dump = await readJsonArtefact(
    store,
    backupPrefix(backup, backup.backupId),
    database.description,
    databaseDumpSchema,
  );
  return context.provider.restoreDatabaseFromDump({
    runId: input.runId,
    attempt: input.attempt,
    backup,
    dump,
    target,
  });
}

/** Looks at the load; when it has ended, compares what it left with the backup. */
export async function pollLoad(
  input: WorkflowInput & { readonly handle: OperationHandle },
  context: StepContext,
): Promise<Polled> {
  const operation = await context.provider.getOperationStatus(input.handle);
  const project = projectOf(context, input);
  switch (operation.state) {
    case 'InProgress': {
      const { processedBytes, expectedBytes } = operation;
      if (processedBytes !== undefined && expectedBytes) {
        const progress = Math.min(99, Math.floor((100 * processedBytes) / expectedBytes));
        await project.setUnit(context.lease, 'database', { bytes: processedBytes, progress });
      }
      return { state: 'InProgress' };
    }
    case 'Failed':
      return { state: 'Failed', error: operation.error };
    case 'NotFound':
      return { state: 'Failed', error: lost(input.handle).toRecord() };
    case 'Succeeded': {
      const load = databaseLoadSchema.parse(operation.result);
      const { manifest } = await openSource(input, context);
      const problem = differenceOf(load, manifest.units.database);
      if (problem !== undefined) {
        return {
          state: 'Failed',
          error: { code: 'restore.databaseDiffers', message: problem, retryable: false },
        };
      }
      await project.setUnit(context.lease, 'database', {
        state: 'Succeeded',
        progress: 100,
        bytes: manifest.units.database?.bytes ?? 0,
        completedAt: context.clock.now(),
      });
      return { state: 'Succeeded' };
    }
  }
}

function differenceOf(
  load: DatabaseLoad,
  expected:
    | {
        readonly tables: number;
        readonly rows: number;
        readonly sequences: number;
        readonly largeObjects: number;
      }
    | undefined,
): string | undefined {
  const [first] = load.differences;
  if (first !== undefined) {
    return `The restored table ${first.schema}.${first.table} has ${first.found} rows instead of ${first.expected}.`;
  }
  if (expected === undefined) return undefined;
  for (const what of ['tables', 'rows', 'sequences', 'largeObjects'] as const) {
    if (load[what] !== expected[what])
      return `The restored database has ${load[what]} ${what} instead of ${expected[what]}.`;
  }
  return undefined;
}

/** Copies the objects of one part of the index to the target. */
export async function restoreLibraryPart(
  input: WorkflowInput & ShardPlace & { readonly cursor: number },
  context: StepContext,
): Promise<ShardProgress> {
  const { restore, manifest, backup } = await openSource(input, context);
  const { documentLibrary } = manifest.units;
  const target = restore.request.target.documentLibrary;
  if (documentLibrary === undefined || target === undefined) {
    throw new LcbError({ code: 'internal', message: 'There is no library to restore.' });
  }
  return context.provider.restoreObjectStorage(
    {
      runId: input.runId,
      backup,
      target: target.location,
      index: documentLibrary.index,
      part: input.shard,
      cursor: input.cursor,
    },
    {
      signal: context.signal,
      isTimeOver: context.isTimeOver,
      onCopied: unitProgress(context, input, 'documentLibrary', documentLibrary.bytes, input),
    },
  );
}
