import { InvalidRequestError } from '../errors/errors.ts';
import { LcbError } from '../errors/lcb-error.ts';
import { refuseNestedLibrary } from '../library/refuse-nested.ts';
import { databaseSelectionSchema } from '../model/database-selection.ts';
import type { Backup, ConsistencyStrategy } from '../model/run.ts';
import type { Unit } from '../model/unit.ts';
import { requireCapability } from '../ports/capabilities.ts';
import type { ObjectStore } from '../ports/object-store.ts';
import type { WorkflowInput } from '../workflow/workflow-input.ts';
import { chooseStrategy } from './choose-strategy.ts';
import { refuseNesting } from './refuse-nesting.ts';
import { scratchOf, stagingOf } from './staged-upload.ts';
import { loadBackup, loadUpload, projectOf, type StepContext } from './step-context.ts';

/** Makes sure that everything is there before anything starts. */
export async function planBackup(
  input: WorkflowInput,
  context: StepContext,
): Promise<{ units: Unit[]; consistency: ConsistencyStrategy; whyNotExact?: string; imports: boolean }> {
  const backup = await loadBackup(context, input);
  const project = projectOf(context, input);
  await project.setState(context.lease, 'InProgress');
  const { units, source } = backup.request;
  const imports = backup.request.upload !== undefined;
  if (imports) await preflightUpload(await loadUpload(context, input), context);
  else for (const unit of units) await preflight(unit, backup, context);
  for (const unit of units) await project.setUnit(context.lease, unit, { state: 'Pending' });
  if (source.documentLibrary !== undefined)
    refuseNesting('The library and the backups', source.documentLibrary.location, source.backups.location);
  const { strategy, ...why } = await chooseStrategy(backup.request, context);
  return { units, consistency: strategy, ...why, imports };
}

/** Of an upload only the server can be looked at: the rest is staged first. */
async function preflightUpload({ request, runId }: Backup, { provider }: StepContext): Promise<void> {
  stagingOf(provider);
  const { upload, source } = request;
  scratchOf({ runId, request });
  if (upload?.dump !== undefined && source.database !== undefined) {
    requireCapability(provider.capabilities, 'databaseDump');
    // Asks the server and not the database: an environment that is about to move here has none yet.
    await provider.databaseTargetState(source.database, runId);
  }
  if (upload?.library !== undefined && 'location' in upload.library)
    await provider.objectStore(upload.library.location).probe();
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
      await refuseWrongFolder(library);
      return;
    }
    case 'search': {
      if (source.search === undefined) throw new InvalidRequestError(`${name} declares no search.`);
      requireCapability(provider.capabilities, 'searchSnapshot');
      await provider.inspectSearch(source.search);
      return;
    }
  }
}

/** A library that can't be listed fails its own unit when that is taken: the database is sealed all the same. */
async function refuseWrongFolder(library: ObjectStore): Promise<void> {
  try {
    await refuseNestedLibrary(library);
  } catch (error) {
    if (!LcbError.isInstance(error) || error instanceof InvalidRequestError) throw error;
  }
}
