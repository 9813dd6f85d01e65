import type { EnvironmentRef } from '../model/ids.ts';
import type { ObjectRef, ObjectStore } from '../ports/object-store.ts';
import {
  attemptsFolder,
  backupPrefix,
  environmentPrefix,
  longObjectsFolder,
  objectsFolder,
} from '../repository/layout.ts';
import type { IndexRow } from '../repository/library-index.ts';
import { everyTrace, tracesByKey } from './every-version.ts';
import { joinSorted, strictlySorted } from './merge-sorted.ts';

/**
 * Removes everything whose key begins so, all versions of it where the store keeps versions. The caller has made sure that
 * nobody writes there any more.
 */
export async function removeFolder(
  store: ObjectStore,
  prefix: string,
  isDue: (key: string) => boolean = () => true,
): Promise<void> {
  await store.deleteMany(refs(everyTrace(store, prefix), isDue));
}

/**
 * Removes what does not belong to a sealed backup: artefacts of other attempts, plans, and copies that its index does
 * not refer to. `keep` are the artefacts that hang from the manifest, by their paths under `backups/{backupId}/`.
 */
export async function removeLeftovers(
  store: ObjectStore,
  ref: EnvironmentRef,
  backupId: string,
  keep: ReadonlySet<string>,
  index: AsyncIterable<IndexRow>,
): Promise<void> {
  const prefix = backupPrefix(ref, backupId);
  const hashed = new Set<string>();
  // Collected first: until the index was read to its end, nobody knows that it is whole, and nothing may go on its word.
  const leftovers: ObjectRef[] = [];
  for await (const leftover of unreferenced(store, ref, backupId, index, hashed)) leftovers.push(leftover);
  await store.deleteMany(leftovers);
  await removeOtherArtefacts(store, ref, backupId, keep);
  await store.deleteMany(
    refs(
      everyTrace(store, prefix + longObjectsFolder),
      (key) => !hashed.has(key.slice(environmentPrefix(ref).length)),
    ),
  );
}

/** Of a sealed backup: the artefacts of other attempts, and plans. */
export async function removeOtherArtefacts(
  store: ObjectStore,
  ref: EnvironmentRef,
  backupId: string,
  keep: ReadonlySet<string>,
): Promise<void> {
  const prefix = backupPrefix(ref, backupId);
  await removeFolder(store, prefix + attemptsFolder, (key) => !keep.has(key.slice(prefix.length)));
}

/** Copies in this backup's folder to which no row of the index points; collects the paths of hashed ones. */
async function* unreferenced(
  store: ObjectStore,
  ref: EnvironmentRef,
  backupId: string,
  index: AsyncIterable<IndexRow>,
  hashed: Set<string>,
): AsyncGenerator<ObjectRef> {
  const objects = backupPrefix(ref, backupId) + objectsFolder;
  async function* copies() {
    const listing = strictlySorted(`the listing of ${objects}`, tracesByKey(store, objects));
    for await (const { key, traces } of listing) yield { key: key.slice(objects.length), traces };
  }
  async function* own() {
    for await (const row of index) {
      const key = environmentPrefix(ref) + row.copy.path;
      if (key.startsWith(backupPrefix(ref, backupId) + longObjectsFolder)) hashed.add(row.copy.path);
      else if (key === objects + row.key) yield row;
    }
  }
  for await (const { left: copy, right: row } of joinSorted(copies(), own())) {
    if (copy === undefined) continue;
    const { version } = row?.copy ?? {};
    // Of a copy that is referred to, other versions are from calls that were repeated: if the one that counts is there.
    const isSuperseded = version !== undefined && copy.traces.some((trace) => trace.version === version);
    for (const trace of copy.traces) {
      if (row === undefined || (isSuperseded && trace.version !== version)) yield trace;
    }
  }
}

async function* refs(
  infos: AsyncIterable<ObjectRef>,
  wanted: (key: string) => boolean = () => true,
): AsyncGenerator<ObjectRef> {
  for await (const { key, version } of infos) {
    if (wanted(key)) yield { key, ...(version === undefined ? {} : { version }) };
  }
}
