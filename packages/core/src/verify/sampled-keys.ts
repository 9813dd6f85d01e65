import { IntegrityError, ObjectNotFoundError } from '../errors/errors.ts';
import { readIndex } from '../library/base.ts';
import type { Sample } from '../model/verification.ts';
import type { ObjectStore } from '../ports/object-store.ts';
import type { Manifest } from '../repository/manifest.ts';
import { sample } from '../validation/sample.ts';

/** Keys of the objects of a backup that a sample takes: the seed says which, and nothing else. @throws IntegrityError */
export async function sampledKeys(
  store: ObjectStore,
  manifest: Manifest,
  { size, seed }: Sample,
  signal: AbortSignal,
): Promise<ReadonlySet<string>> {
  async function* rows() {
    for await (const { key } of readIndex(store, manifest, manifest)) {
      signal.throwIfAborted();
      yield { key };
    }
  }
  const picked = await sample(rows(), size, seed);
  return new Set(picked.map(({ key }) => key));
}

/** Can the backup's list of objects be read to its end? */
export async function isIndexWhole(
  store: ObjectStore,
  manifest: Manifest,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    for await (const _row of readIndex(store, manifest, manifest)) signal.throwIfAborted();
    return true;
  } catch (error) {
    if (!(error instanceof IntegrityError || error instanceof ObjectNotFoundError)) throw error;
    return false;
  }
}
