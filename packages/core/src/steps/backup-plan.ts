import { InvalidRequestError, UnsupportedError } from '../errors/errors.ts';
import { refuseNestedLibrary } from '../library/refuse-nested.ts';
import { databaseSelectionSchema } from '../model/database-selection.ts';
import type { Backup } from '../model/run.ts';
import type { Unit } from '../model/unit.ts';
import { requireCapability } from '../ports/capabilities.ts';
import type { WorkflowInput } from '../workflow/workflow-input.ts';
import { refuseNesting } from './refuse-nesting.ts';
import { loadBackup, projectOf, type StepContext } from './step-context.ts';

/** Makes sure that everything is there before anything starts. */
export async function planBackup(input: WorkflowInput, context: StepContext): Promise<{ units: Unit[] }> {
  const backup = await loadBackup(context, input);
  const project = projectOf(context, input);
  await project.setState(context.lease, 'InProgress');
  const { units, source } = backup.request;
  for (const unit of units) await preflight(unit, backup, context);
  for (const unit of units) await project.setUnit(context.lease, unit, { state: 'Pending' });
  if (source.documentLibrary !== undefined)
    refuseNesting('The library and the backups', source.documentLibrary.location, source.backups.location);
  return { units };
}

async function preflight(unit: Unit, { request }: Backup, { provider }: StepContext): Promise<void> {
  const { source } = request;
  const name = `${request.projectId}/${request.environment}`;
  switch (unit) {
    case 'database': {
      if (source.database === undefined) throw new InvalidRequestError(`${name} has no database to back up.`);
      requireCapability(provider.capabilities, 'databaseDump');
      await provider.inspectDatabase(source.database, databaseSelectionSchema.parse(source.database));
      return;
    }
    case 'documentLibrary': {
      if (source.documentLibrary === undefined) {
        throw new InvalidRequestError(`${name} has no document library to back up.`);
      }
      requireCapability(provider.capabilities, 'objectCopy');
      const library = provider.objectStore(source.documentLibrary.location);
      await library.probe();
      await refuseNestedLibrary(library);
      return;
    }
    case 'search':
      throw new UnsupportedError(
        'The search index is not backed up: Liferay rebuilds it from the database by a full reindex after a restore. Leave out the unit `search`.',
      );
  }
}
