import type { ErrorRecord } from '../errors/lcb-error.ts';
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
type ExchangedUnit = Exclude<Unit, 'search'>;

/**
 * Lets what was restored and checked take the place of what the environment has. Where server and store can, the names
 * change places, so that nothing has to be declared anew; elsewhere the environment has to be pointed to the new place.
 */
export async function swapRestored(
  input: WorkflowInput,
  context: StepContext,
): Promise<{ exchanged: ExchangedUnit[] }> {
  const restore = await loadRestore(context, input);
  const { request } = restore;
  const units = request.units.filter((unit) => unit !== 'search');
  const places = { current: request.target, restored: placesOf(restore), kept: keptPlaces(restore) };
  const isDone = await exchangeAll(restore, units, places, context);
  const change: Required<Pick<RestoreResult, 'kept'>> & Pick<RestoreResult, 'declare'> = {
    kept: namesOf(units, isDone ? places.kept : places.current),
    ...(isDone ? {} : { declare: namesOf(units, places.restored) }),
  };
  await projectOf(context, input).addResult(context.lease, change);
  await tellEnvironment(restore, { exchanged: isDone, ...change }, context);
  await projectOf(context, input).addResult(context.lease, { completed: true });
  return { exchanged: isDone ? units : [] };
}

/**
 * All of them or none: a restored library beside the old database would be worse than either. What can be known before is
 * asked before; where one turns out not to be movable after all, those before it go back.
 */
async function exchangeAll(
  restore: Restore,
  units: readonly ExchangedUnit[],
  places: ExchangeRequest<Places>,
  context: StepContext,
): Promise<boolean> {
  const { database, documentLibrary } = places.current;
  const wanted = {
    ...(units.includes('database') && database !== undefined ? { database } : {}),
    ...(units.includes('documentLibrary') && documentLibrary !== undefined
      ? { documentLibrary: documentLibrary.location }
      : {}),
  };
  if (!context.provider.canExchange(wanted)) return false;
  for (const [position, unit] of units.entries()) {
    if (await exchange(unit, places, context)) continue;
    for (const earlier of units.slice(0, position)) await undoSwap(restore, earlier, context);
    return false;
  }
  return true;
}

function namesOf(units: readonly ExchangedUnit[], places: Places): PlaceNames {
  return Object.fromEntries(units.map((unit) => [unit, placeName(unit, places)]));
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
  await projectOf(context, restore).addResult(context.lease, { switchCalled: true });
  await context.hooks.call(hook, event, context.signal);
}

/** Codes by which a hook says for sure that nothing was switched. After any other failure nobody knows. */
const certainRefusals: readonly string[] = [
  'hook.refused',
  'hook.egressRefused',
  'hook.commandFailed',
  'hook.commandNotStarted',
  'hook.commandNotAllowed',
];

/** May the environment point to the new places, although the restore failed? */
export function mayBeSwitched({ result }: Restore, error: ErrorRecord | undefined): boolean {
  return result?.switchCalled === true && !certainRefusals.includes(error?.code ?? '');
}

/** Puts back what a swap that failed half-way had exchanged already. Safe to repeat, and where nothing was exchanged. */
export async function undoSwap(restore: Restore, unit: Unit, context: StepContext): Promise<void> {
  if (unit === 'search') return;
  const { target } = restore.request;
  await exchange(unit, { current: target, restored: keptPlaces(restore), kept: placesOf(restore) }, context);
}

async function exchange(
  unit: ExchangedUnit,
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

function placeName(unit: ExchangedUnit, places: Places): string | undefined {
  return unit === 'database' ? places.database?.url : places.documentLibrary?.location;
}
