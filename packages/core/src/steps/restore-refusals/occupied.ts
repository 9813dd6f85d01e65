import { InvalidRequestError } from '../../errors/errors.ts';
import { LcbError } from '../../errors/lcb-error.ts';
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
  if (mode === 'swap') await refuseNothingToSwap(restore, context);
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

/** Without an old one there is nothing to change places with, and nothing to go back to. */
async function refuseNothingToSwap({ request, runId }: Restore, { provider }: ReadServices): Promise<void> {
  const { units, target } = request;
  const { database, documentLibrary } = target;
  const code = 'restore.nothingToSwap';
  const advice = 'Restore it as a new environment, without --swap.';
  if (units.includes('database') && database !== undefined) {
    if ((await provider.databaseTargetState(database, runId)) === 'absent')
      throw new InvalidRequestError(
        `There is no database ${databaseName(database.url)} to swap with. ${advice}`,
        code,
      );
  }
  if (units.includes('documentLibrary') && documentLibrary !== undefined) {
    try {
      await provider.objectStore(documentLibrary.location).probe();
    } catch (error) {
      if (!LcbError.isInstance(error) || error.code !== 'objectStore.locationMissing') throw error;
      throw new InvalidRequestError(
        `There is no library ${documentLibrary.location} to swap with. ${advice}`,
        code,
      );
    }
  }
}
