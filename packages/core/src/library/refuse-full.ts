import { LcbError } from '../errors/lcb-error.ts';
import type { ObjectStore } from '../ports/object-store.ts';

/**
 * A store that can't take what is to be written, as far as it can be known, is found before anything is copied.
 * @throws LcbError `objectStore.full`
 */
export async function refuseFull(store: ObjectStore, bytes: number): Promise<void> {
  const free = await store.freeBytes?.();
  if (free === undefined || free >= bytes) return;
  throw new LcbError({
    code: 'objectStore.full',
    message: `${store.location} has room for ${free} bytes, and ${bytes} are to be written. Make room, or name a larger place.`,
  });
}
