import { InvalidRequestError } from '../../errors/errors.ts';
import { databaseDumpSchema } from '../../ports/database-engine.ts';
import { readJsonArtefact } from '../../repository/json-artefact.ts';
import { backupPrefix } from '../../repository/layout.ts';
import { placesOf } from '../restore-places.ts';
import type { RestoreSource } from '../restore-source.ts';
import type { ReadServices } from '../step-context.ts';

/**
 * Another kind of database, an older server, an older Liferay: a load would fail half-way, or give what does not start.
 * @throws InvalidRequestError `restore.engineDiffers`, `restore.liferayTooOld`
 * @throws LcbError as `DatabaseEngine.assertLoadable`
 */
export async function refuseUnfitDatabase(
  { restore, manifest, backup }: RestoreSource,
  { provider }: ReadServices,
): Promise<void> {
  const { units, target } = restore.request;
  const { database } = placesOf(restore);
  const unit = manifest.units.database;
  if (!units.includes('database') || unit === undefined || database === undefined) return;
  if (unit.engine !== database.engine) {
    throw new InvalidRequestError(
      `The backup is of a ${unit.engine} database, and the target is ${database.engine}: a dump loads into its own kind only.`,
      'restore.engineDiffers',
    );
  }
  refuseUnfitLiferay(unit.liferayBuild, target.liferay);
  const prefix = backupPrefix(backup, backup.backupId);
  const store = provider.objectStore(backup.location);
  const dump = await readJsonArtefact(store, prefix, unit.description, databaseDumpSchema);
  await provider.assertDumpLoadable(database, dump);
}

function refuseUnfitLiferay(
  found: number | undefined,
  liferay: { readonly build?: number | undefined; readonly minimumBuild?: number | undefined } | undefined,
): void {
  if (found === undefined || liferay === undefined) return;
  const { build, minimumBuild } = liferay;
  if (build !== undefined && found > build) {
    throw new InvalidRequestError(
      `The backup is of Liferay build ${found}, and the target runs build ${build}: an older Liferay does not start on a newer database. Update the target first.`,
      'restore.liferayTooOld',
    );
  }
  if (minimumBuild !== undefined && found < minimumBuild) {
    throw new InvalidRequestError(
      `The backup is of Liferay build ${found}, and the target takes build ${minimumBuild} or newer: it can not upgrade from that.`,
      'restore.liferayTooOld',
    );
  }
}
