import { InvalidRequestError } from '../errors/errors.ts';
import type { OperationHandle } from '../model/operation.ts';
import { type DatabaseLoad, databaseDumpSchema, databaseLoadSchema } from '../ports/database-engine.ts';
import { readJsonArtefact } from '../repository/json-artefact.ts';
import { backupPrefix } from '../repository/layout.ts';
import type { Manifest } from '../repository/manifest.ts';
import type { Polled } from '../workflow/step-table.ts';
import { followOperation, showProgress } from './follow-operation.ts';
import { placesOf } from './restore-places.ts';
import { recordWriting } from './restore-rollback.ts';
import { lacksGeneratedFiles } from './restore-selection.ts';
import { openSource, type RestoreInput } from './restore-source.ts';
import { projectOf, type StepContext } from './step-context.ts';

/** Starts loading the dump into the target, or finds the load that was started before. */
export async function startLoad(
  input: RestoreInput & { readonly attempt: number },
  context: StepContext,
): Promise<OperationHandle> {
  const { restore, manifest, backup } = await openSource(input, context);
  const target = placesOf(restore).database;
  const { database } = manifest.units;
  if (database === undefined || target === undefined)
    throw new InvalidRequestError('There is no database to restore.');
  const store = context.provider.objectStore(backup.location);
  const prefix = backupPrefix(backup, backup.backupId);
  const dump = await readJsonArtefact(store, prefix, database.description, databaseDumpSchema);
  await recordWriting(input, 'database', context);
  return context.provider.restoreDatabaseFromDump({
    runId: input.runId,
    attempt: input.attempt,
    rollback: input.rollback,
    backup,
    dump,
    target,
    replaceExisting: restore.request.mode === 'inPlace',
    // Copies keep the type. A backup of an environment that an upload was restored into has it from the database.
    untrusted: manifest.type === 'Uploaded' || dump.untrusted === true,
  });
}

/** Looks at the load; when it has ended, compares what it left with the backup. */
export async function pollLoad(
  input: RestoreInput & { readonly handle: OperationHandle },
  context: StepContext,
): Promise<Polled> {
  const project = projectOf(context, input);
  return followOperation(input.handle, context, {
    result: databaseLoadSchema,
    onProgress: showProgress(context, input, 'database'),
    async onSucceeded(load) {
      const { manifest } = await openSource(input, context);
      const problem = differenceOf(load, manifest.units.database);
      if (problem !== undefined)
        return { code: 'restore.databaseDiffers', message: problem, retryable: false };
      if (load.settingsLeftOut.length > 0)
        await project.addResult(context.lease, { settingsLeftOut: load.settingsLeftOut });
      await project.setUnit(context.lease, 'database', {
        state: 'Succeeded',
        progress: 100,
        bytes: manifest.units.database?.bytes ?? 0,
        completedAt: context.clock.now(),
      });
      return undefined;
    },
  });
}

/** What the counted load lacks of the backup, or has too much. */
export function differenceOf(
  load: DatabaseLoad,
  expected: Manifest['units']['database'],
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

/**
 * Rows that point at generated files which were not restored are deleted: while they are there, Liferay does not make the
 * files again (liferay.md). Whether the backup had left the files out or this restore does makes no difference.
 */
export async function clearGenerated(input: RestoreInput, context: StepContext): Promise<{ rows: number }> {
  const source = await openSource(input, context);
  const { restore } = source;
  const { database } = placesOf(restore);
  const isNeeded = restore.request.units.includes('documentLibrary') && lacksGeneratedFiles(source, input);
  if (database === undefined || !isNeeded) return { rows: 0 };
  const { rows } = await context.provider.clearGeneratedRows(database, {});
  // Repeated, the step finds none: what it said first stays.
  if (rows > 0 && !input.rollback)
    await projectOf(context, input).addResult(context.lease, { clearedRows: rows });
  return { rows };
}
