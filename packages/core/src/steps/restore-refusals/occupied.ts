import { InvalidRequestError } from '../../errors/errors.ts';
import { databaseName } from '../../model/project.ts';
import type { Restore } from '../../model/run.ts';
import { placesOf } from '../restore-places.ts';
import type { RestoreSource } from '../restore-source.ts';
import type { ReadServices } from '../step-context.ts';

/**
 * Only a restore in place writes where something is. A swap writes beside, where nothing may be either.
 * @throws InvalidRequestError `restore.targetOccupied`
 */
export async function refuseOccupied({ restore }: RestoreSource, context: ReadServices): Promise<void> {
  const { units, mode } = restore.request;
  if (units.includes('database')) await refuseOccupiedDatabase(restore, context);
  if (units.includes('documentLibrary') && mode !== 'inPlace') await refuseOccupiedLibrary(restore, context);
}

async function refuseOccupiedDatabase(restore: Restore, { provider }: ReadServices): Promise<void> {
  const { database } = placesOf(restore);
  if (database === undefined) throw new InvalidRequestError('The restore names no database to restore into.');
  if (restore.request.mode === 'inPlace') return;
  if ((await provider.databaseTargetState(database, restore.runId)) !== 'occupied') return;
  throw new InvalidRequestError(
    `The database ${databaseName(database.url)} of the target holds data. Name one that does not exist yet, or an empty one; or restore in place, or by swap.`,
    'restore.targetOccupied',
  );
}

async function refuseOccupiedLibrary(restore: Restore, { provider }: ReadServices): Promise<void> {
  const { documentLibrary } = placesOf(restore);
  if (documentLibrary === undefined)
    throw new InvalidRequestError('The restore names no library to restore into.');
  for await (const { key } of provider.objectStore(documentLibrary.location).list()) {
    throw new InvalidRequestError(
      `The library ${documentLibrary.location} of the target holds objects, such as ${JSON.stringify(key)}. Name an empty or a new one; or restore in place, or by swap.`,
      'restore.targetOccupied',
    );
  }
}
