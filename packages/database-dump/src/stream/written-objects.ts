import { type Artefact, LcbError, type ObjectRef, type ObjectStore } from '@lcb/core';

/** The objects that one call has written under a prefix, so that a failed call can take all of them away again. */
export class WrittenObjects {
  readonly #store: ObjectStore;
  readonly #prefix: string;
  readonly #written: ObjectRef[] = [];

  /** @param prefix of the keys; the artefacts' paths are relative to it. */
  constructor(store: ObjectStore, prefix: string) {
    this.#store = store;
    this.#prefix = prefix;
  }

  async put(path: string, body: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<Artefact> {
    const key = this.#prefix + path;
    const stored = await this.#store.put(key, body, { signal });
    this.#written.push({ key, ...(stored.version === undefined ? {} : { version: stored.version }) });
    return { path, bytes: stored.size, sha256: stored.checksum.value };
  }

  /**
   * Removes what was written, because of a failure. Returns the error to be thrown: the failure itself, or, when
   * something could not be removed, one that names it.
   */
  async removeAfter(failure: unknown): Promise<unknown> {
    if (this.#written.length === 0) return failure;
    try {
      await this.#store.deleteMany(this.#written);
      return failure;
    } catch (error) {
      return leftBehind(failure, error, this.#written);
    }
  }
}

function leftBehind(failure: unknown, error: unknown, objects: readonly ObjectRef[]): LcbError {
  const why = LcbError.isInstance(failure) ? failure : undefined;
  const text = failure instanceof Error ? failure.message : String(failure);
  const keys = objects.map(({ key }) => key).join(', ');
  return new LcbError({
    code: why?.code ?? 'database.dumpFailed',
    message: `${text} Afterwards these objects could not be removed and are no part of any backup: ${keys}.`,
    retryable: why?.retryable ?? false,
    cause: new AggregateError([failure, error]),
  });
}
