import { LcbError } from '../errors/lcb-error.ts';
import type {
  ListOptions,
  ObjectInfo,
  ObjectRef,
  ObjectStore,
  ObjectVersion,
} from '../ports/object-store.ts';

/**
 * Everything that lies below a prefix, sorted: each version and each delete marker, newest first, where the store may hold some. Where
 * it says that it never kept any, a plain listing says the same and costs a fraction. Asked anew by every listing: it may begin to.
 */
export async function* listEverything(
  store: ObjectStore,
  options: ListOptions,
): AsyncGenerator<ObjectInfo | ObjectVersion> {
  const listVersions = (await mayHoldVersions(store)) ? store.listVersions?.(options) : undefined;
  yield* listVersions ?? store.list(options);
}

/** May it hold versions other than what a reader sees? That a store does not answer this says nothing: it may then. */
export async function mayHoldVersions(store: ObjectStore): Promise<boolean> {
  if (store.listVersions === undefined) return false;
  try {
    return (await store.versioning?.()) !== 'never';
  } catch (error) {
    if (LcbError.isInstance(error)) return true;
    throw error;
  }
}

/** Every object that can be read below a prefix, sorted: each version of it where the store keeps versions, newest first. */
export async function* everyVersion(
  store: ObjectStore,
  prefix: string,
): AsyncGenerator<Pick<ObjectInfo, 'key' | 'size' | 'version'>> {
  for await (const found of listEverything(store, { prefix }))
    if (!('isDeleteMarker' in found && found.isDeleteMarker)) yield found;
}

/** Everything that has to go for nothing to be left below a prefix: delete markers too. Sorted by key. */
export async function* everyTrace(store: ObjectStore, prefix: string): AsyncGenerator<ObjectRef> {
  for await (const { key, version } of listEverything(store, { prefix }))
    yield { key, ...(version === undefined ? {} : { version }) };
}

/** The same, key by key. */
export async function* tracesByKey(
  store: ObjectStore,
  prefix: string,
): AsyncGenerator<{ readonly key: string; readonly traces: readonly ObjectRef[] }> {
  let key: string | undefined;
  let traces: ObjectRef[] = [];
  for await (const trace of everyTrace(store, prefix)) {
    // Without versions a key that comes twice is a listing that lies, and must be seen as one.
    if (key !== undefined && (trace.key !== key || trace.version === undefined)) {
      yield { key, traces };
      traces = [];
    }
    key = trace.key;
    traces.push(trace);
  }
  if (key !== undefined) yield { key, traces };
}
