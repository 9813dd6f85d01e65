import type { ObjectStore } from '../ports/object-store.ts';
import type { Manifest } from '../repository/manifest.ts';
import { mayHoldVersions } from './every-version.ts';

/**
 * Can the folder of a sealed backup hold copies that its index does not refer to? To look for them takes a listing of all copies.
 *
 * Not where the first attempt was sealed and found all that it had listed, in a store without versions. Every call of a shard, however
 * often it was begun, cut off or repeated, writes below the keys of that attempt's one plan, and each key to one place; where none of
 * them has vanished, the index has a row for each. Another attempt has a plan of its own, with other keys. What has vanished may have
 * been copied by a call that was cut off. With versions each repeated write leaves one more.
 */
export async function mayHaveStrayCopies(
  store: ObjectStore,
  { attempt, units }: Pick<Manifest, 'attempt' | 'units'>,
): Promise<boolean> {
  const unit = units.documentLibrary;
  // A library that failed may have been copied in part.
  if (unit === undefined || attempt !== 1 || unit.vanishedObjects > 0) return true;
  return mayHoldVersions(store);
}
