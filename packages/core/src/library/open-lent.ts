import type { LendOptions, LentObject, ObjectStore } from '../ports/object-store.ts';

/** Opens an object whose bytes only pass through. Whoever hands them on to a `put` says there that they are lent. */
export function openLent(store: ObjectStore, key: string, options: LendOptions): Promise<LentObject> {
  return store.lend?.(key, options) ?? store.get(key, options);
}
