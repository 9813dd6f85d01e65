import { checkRestore } from '../dispatch/check-restore.ts';
import { readIndex } from '../library/base.ts';
import { planRestoreRows, type RestoreTotals } from '../library/plan-restore.ts';
import { refuseFull } from '../library/refuse-full.ts';
import { noSafety } from '../library/safety-index.ts';
import { selectKeys } from '../library/selection/select-keys.ts';
import { isByRows } from '../library/wanted-rows.ts';
import { runId } from '../model/ids.ts';
import { type RestoreRequest, restoreSchema } from '../model/run.ts';
import { refuseNothing } from '../steps/restore-library.ts';
import { othersOf } from '../steps/restore-others.ts';
import { keptPlaces, type Places, placesOf } from '../steps/restore-places.ts';
import { refuseDamagedIndex } from '../steps/restore-refusals/damaged-index.ts';
import { refuseForeignPlace } from '../steps/restore-refusals/foreign-place.ts';
import { refuseOccupied } from '../steps/restore-refusals/occupied.ts';
import { refuseKeys } from '../steps/restore-refusals/refused-keys.ts';
import { refuseUnfitDatabase } from '../steps/restore-refusals/unfit-database.ts';
import { libraryReader } from '../steps/restore-selection.ts';
import { openBackup, type RestoreSource } from '../steps/restore-source.ts';
import type { ReadServices } from '../steps/step-context.ts';
import { expectedSeconds } from './expected-seconds.ts';
import { obstacles, refuseBusy } from './obstacles.ts';

/** What a restore would do. */
export interface RestorePreview {
  /** Where it writes: the target, or places beside it for a swap. Names of the places beside depend on the run's id. */
  readonly writes: Places;
  readonly keeps: Places | undefined;
  /** Uncompressed bytes of the dump. */
  readonly databaseBytes: number | undefined;
  readonly library: RestoreTotals | undefined;
  readonly expectedSeconds: number | undefined;
  readonly blockedBy: readonly string[];
}

/** Looks at everything that the plan step looks at, and writes nothing. What it is told it does not record. */
export async function previewRestore(
  request: RestoreRequest,
  services: ReadServices,
  signal: AbortSignal,
): Promise<RestorePreview> {
  const { projectId, requestedAt, target, backup, backupId, units, mode } = request;
  const place = { projectId, environment: target.environment };
  const restore = restoreSchema.parse({
    kind: 'restore',
    runId: runId({ projectId, environment: request.environment }, 'restore', requestedAt),
    ...place,
    state: 'Pending',
    units: {},
    epoch: 0,
    cancelRequested: false,
    requestedAt,
    request,
  });
  const source = await openBackup(restore, { projectId, backupId, ...backup }, services);
  const blockedBy = await obstacles([
    () => checkRestore(request),
    () => refuseBusy(services, 'restore', place),
    () => refuseForeignPlace(source, services),
    () => refuseUnfitDatabase(source, services),
    () => refuseOccupied(source, services),
    () => refuseDamagedIndex(source, services),
    () => refuseKeys(source, services),
  ]);
  let library: RestoreTotals | undefined;
  if (units.includes('documentLibrary')) {
    const look = async () => {
      library = await libraryTotals(source, services, signal);
    };
    const room = () => refuseNoRoom(source, services, library);
    blockedBy.push(...(await obstacles([look, room])));
  }
  const databaseBytes = units.includes('database') ? source.manifest.units.database?.bytes : undefined;
  const bytes = (databaseBytes ?? 0) + (library?.copyBytes ?? 0);
  return {
    writes: placesOf(restore),
    keeps: mode === 'swap' ? keptPlaces(restore) : undefined,
    databaseBytes,
    library,
    expectedSeconds: await expectedSeconds(services, 'restore', place, bytes),
    blockedBy,
  };
}

async function libraryTotals(
  source: RestoreSource,
  { provider }: ReadServices,
  signal: AbortSignal,
): Promise<RestoreTotals | undefined> {
  const { restore, backup, manifest } = source;
  const { selection, withoutGeneratedFiles } = restore.request;
  const location = placesOf(restore).documentLibrary?.location;
  if (location === undefined) return undefined;
  const store = provider.objectStore(backup.location);
  const selected =
    selection !== undefined && isByRows(selection)
      ? selectKeys(selection, await libraryReader(source, store))
      : undefined;
  const { rows, totals } = planRestoreRows({
    index: readIndex(store, backup, manifest),
    wanted: {
      companies: new Set(selected === undefined ? selection?.companies : []),
      withoutGeneratedFiles,
      ...(selected === undefined ? {} : { selected }),
    },
    target: provider.objectStore(location),
    isOther: othersOf(source, { ...restore, rollback: false }),
    // It is taken when the restore is really made.
    safety: noSafety(),
    signal,
  });
  for await (const _row of rows) {
    // Reading them is what counts them.
  }
  refuseNothing(source, totals);
  return totals;
}

async function refuseNoRoom(
  { restore }: RestoreSource,
  { provider }: ReadServices,
  library: RestoreTotals | undefined,
): Promise<void> {
  const location = placesOf(restore).documentLibrary?.location;
  if (location !== undefined && library !== undefined)
    await refuseFull(provider.objectStore(location), library.copyBytes);
}
