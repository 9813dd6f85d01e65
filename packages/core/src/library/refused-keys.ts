import type { ObjectStore } from '../ports/object-store.ts';
import type { Keyed } from './merge-sorted.ts';
import { objectsAbove } from './objects-above.ts';

export interface RefusedKeys {
  readonly count: number;
  /** The first ten. */
  readonly first: readonly { readonly key: string; readonly reason: string }[];
}

/** Which of these keys, which come sorted, a store can't hold: by themselves, or beside one another. */
export async function refusedKeys(store: ObjectStore, keys: AsyncIterable<Keyed>): Promise<RefusedKeys> {
  const above = objectsAbove();
  const first: { readonly key: string; readonly reason: string }[] = [];
  let count = 0;
  for await (const { key } of keys) {
    const reason = store.refuses(key, above(key));
    if (reason === undefined) continue;
    count += 1;
    if (first.length < 10) first.push({ key, reason });
  }
  return { count, first };
}
