import type { RestoreResult } from '../model/restore-result.ts';
import type { Restore } from '../model/run.ts';
import type { Unit } from '../model/unit.ts';
import type { Json } from '../model/values.ts';
import type { ExchangeRequest } from '../ports/backup-provider.ts';
import type { WorkflowInput } from '../workflow/workflow-input.ts';
import { hookEvent } from './hook-event.ts';
import { keptPlaces, type Places, placesOf } from './restore-places.ts';
import { loadRestore, projectOf, type StepContext } from './step-context.ts';

type PlaceNames = NonNullable<RestoreResult['kept']>;

/**
 * Lets what was restored and checked take the place of what the environment has. Where server and store can, the names
 * change places, so that nothing has to be declared anew; elsewhere the environment has to be pointed to the new place.
 */
export async function swapRestored(
  input: WorkflowInput,
  context: StepContext,
): Promise<{ exchanged: Unit[] }> {
  const restore = await loadRestore(context, input);
  const { request } = restore;
  const exchanged: Unit[] = [];
  const kept: PlaceNames = {};
  const declare: PlaceNames = {};
  for (const unit of request.units) {
    if (unit === 'search') continue;
    const places = { current: request.target, restored: placesOf(restore), kept: keptPlaces(restore) };
    const isDone = await exchange(unit, places, context);
    if (isDone) exchanged.push(unit);
    else declare[unit] = placeName(unit, places.restored);
    kept[unit] = placeName(unit, isDone ? places.kept : places.current);
  }
  await projectOf(context, input).addResult(context.lease, {
    kept,
    ...(exchanged.length === request.units.length ? {} : { declare }),
  });
  await tellEnvironment(restore, { exchanged, kept, declare }, context);
  return { exchanged };
}

/** Whatever else points to the old places (a deployment, a proxy) is told the new ones. When it refuses, all is put back. */
async function tellEnvironment(restore: Restore, data: Json, context: StepContext): Promise<void> {
  const { request, runId } = restore;
  const { target, projectId, backupId } = request;
  const hook = target.hooks?.switch;
  if (hook === undefined) return;
  const event = hookEvent({
    id: `${runId}-switch`,
    type: 'cloud.liferay.environment.switched.v1',
    environment: { projectId, environment: target.environment },
    subject: runId,
    time: context.clock.now(),
    data: { restoreId: runId, backupId, change: data },
  });
  await context.hooks.call(hook, event, context.signal);
}

/** Puts back what a swap that failed half-way had exchanged already. Safe to repeat, and where nothing was exchanged. */
export async function undoSwap(restore: Restore, unit: Unit, context: StepContext): Promise<void> {
  if (unit === 'search') return;
  const { target } = restore.request;
  await exchange(unit, { current: target, restored: keptPlaces(restore), kept: placesOf(restore) }, context);
}

async function exchange(
  unit: 'database' | 'documentLibrary',
  { current, restored, kept }: ExchangeRequest<Places>,
  { provider }: StepContext,
): Promise<boolean> {
  if (unit === 'database') {
    if (!current.database || !restored.database || !kept.database) return false;
    return provider.exchangeDatabase({
      current: current.database,
      restored: restored.database,
      kept: kept.database,
    });
  }
  if (!current.documentLibrary || !restored.documentLibrary || !kept.documentLibrary) return false;
  return provider.exchangeLibrary({
    current: current.documentLibrary.location,
    restored: restored.documentLibrary.location,
    kept: kept.documentLibrary.location,
  });
}

function placeName(unit: 'database' | 'documentLibrary', places: Places): string | undefined {
  return unit === 'database' ? places.database?.url : places.documentLibrary?.location;
}
