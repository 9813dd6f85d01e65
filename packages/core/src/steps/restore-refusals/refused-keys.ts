import { InvalidRequestError } from '../../errors/errors.ts';
import { readIndex } from '../../library/base.ts';
import { refusedKeys } from '../../library/refused-keys.ts';
import { isByRows, restoredRows } from '../../library/wanted-rows.ts';
import type { Artefact } from '../../ports/database-engine.ts';
import { placesOf } from '../restore-places.ts';
import { wantedOf } from '../restore-selection.ts';
import type { RestoreSource } from '../restore-source.ts';
import type { StepContext } from '../step-context.ts';

/**
 * Keys are never changed: where the target can't hold one, nothing is restored, rather than a library with holes. A selection by rows is
 * known only when it was looked up. @throws InvalidRequestError `restore.keysRefused`
 */
export async function refuseKeys(
  source: RestoreSource,
  { provider }: Pick<StepContext, 'provider'>,
  selected?: Artefact,
): Promise<void> {
  const { restore, manifest, backup } = source;
  const { selection } = restore.request;
  const { documentLibrary } = placesOf(restore);
  const isUnknown = selected === undefined && selection !== undefined && isByRows(selection);
  if (documentLibrary === undefined || isUnknown) return;
  const backups = provider.objectStore(backup.location);
  const wanted = wantedOf(source, backups, selected);
  const rows = restoredRows(readIndex(backups, backup, manifest), wanted);
  const { count, first } = await refusedKeys(provider.objectStore(documentLibrary.location), rows);
  if (count === 0) return;
  const named = first.map(({ key, reason }) => `${JSON.stringify(key)}: ${reason}`).join(' ');
  throw new InvalidRequestError(
    `${documentLibrary.location} can't hold ${count} of the keys of this library. Restore it into a bucket instead. ${count > first.length ? `The first ${first.length}` : 'These'}: ${named}`,
    'restore.keysRefused',
  );
}
