import type { ObjectInfo, ObjectRef, ObjectStore } from '../ports/object-store.ts';

/** Every object that can be read below a prefix, sorted: each version of it where the store keeps versions, newest first. */
export async function* everyVersion(
  store: ObjectStore,
  prefix: string,
): AsyncGenerator<Pick<ObjectInfo, 'key' | 'size' | 'version'>> {
  if (store.listVersions === undefined) {
    yield* store.list({ prefix });
    return;
  }
  for await (const found of store.listVersions({ prefix })) if (!found.isDeleteMarker) yield found;
}

/** Everything that has to go for nothing to be left below a prefix: delete markers too. Sorted by key. */
export async function* everyTrace(store: ObjectStore, prefix: string): AsyncGenerator<ObjectRef> {
  const found = store.listVersions?.({ prefix }) ?? store.list({ prefix });
  for await (const { key, version } of found) yield { key, ...(version === undefined ? {} : { version }) };
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
