import { readIndex } from '../library/base.ts';
import { compareKeys } from '../library/compare-keys.ts';
import { listEverything } from '../library/every-version.ts';
import { groupSorted, joinSorted, mergeSorted, strictlySorted } from '../library/merge-sorted.ts';
import type { EnvironmentRef } from '../model/ids.ts';
import type { ObjectRef, ObjectStore } from '../ports/object-store.ts';
import {
  attemptsFolder,
  backupFolder,
  backupPrefix,
  environmentPrefix,
  longObjectsFolder,
  manifestKey,
  objectsFolder,
} from '../repository/layout.ts';
import type { IndexRow } from '../repository/library-index.ts';
import type { DeadBackup } from './find-dead.ts';

interface Trace extends ObjectRef {
  /** Bytes. */
  readonly size: number;
}

/** A version of an object in a dead backup's folder, and whether a kept backup needs it still. */
export interface Examined extends Trace {
  readonly isNeeded: boolean;
  /** Where another call goes on after it; empty where it begins anew. */
  readonly cursor: string;
}

/**
 * Everything in a dead backup's folder from a key on, and whether it may go: all but the copies that kept backups refer to, by key
 * and version. Its manifest comes first, so that what is left half removed is never taken for a backup. Streams; indexes and
 * folder are merged in key order.
 */
export async function* reclaimable(
  store: ObjectStore,
  ref: EnvironmentRef,
  dead: DeadBackup,
  from = '',
): AsyncGenerator<Examined> {
  const prefix = backupPrefix(ref, dead.backupId);
  const manifest = manifestKey(ref, dead.backupId);
  for await (const trace of tracesOf(store, manifest))
    if (trace.key === manifest) yield { ...trace, isNeeded: false, cursor: '' };
  // `attempts/` < `objects-long/` < `objects/`: each is left out once the cursor has passed it.
  for await (const trace of tracesOf(store, prefix + attemptsFolder, from)) yield examined(trace, false);
  yield* longOnes(store, ref, dead, from);
  yield* copies(store, ref, dead, from);
}

function examined(trace: Trace, isNeeded: boolean): Examined {
  return { ...trace, isNeeded, cursor: trace.key };
}

async function* copies(
  store: ObjectStore,
  ref: EnvironmentRef,
  dead: DeadBackup,
  from: string,
): AsyncGenerator<Examined> {
  const folder = backupFolder(dead.backupId) + objectsFolder;
  const prefix = environmentPrefix(ref) + folder;
  const after = from.startsWith(prefix) ? from.slice(prefix.length) : '';
  // A listing without order would have copies that are needed look as if they were not.
  const lying = strictlySorted(
    `the listing of ${prefix}`,
    groupSorted(withKeys(tracesOf(store, prefix, from), prefix)),
  );
  const needed = groupSorted(mergeSorted(rowsInto(store, ref, dead, folder, after)));
  for await (const { left, right } of joinSorted(lying, needed)) {
    for (const { trace } of left?.members ?? []) yield examined(trace, isNeeded(trace, right?.members ?? []));
  }
}

/** Copies under a hash of their key: no order to merge by. There are few, and only of kept rows the paths are remembered. */
async function* longOnes(
  store: ObjectStore,
  ref: EnvironmentRef,
  dead: DeadBackup,
  from: string,
): AsyncGenerator<Examined> {
  const folder = backupFolder(dead.backupId) + longObjectsFolder;
  let needed: Map<string, IndexRow[]> | undefined;
  for await (const trace of tracesOf(store, environmentPrefix(ref) + folder, from)) {
    needed ??= await rowsByPath(store, ref, dead, folder);
    const rows = needed.get(trace.key.slice(environmentPrefix(ref).length)) ?? [];
    yield examined(trace, isNeeded(trace, rows));
  }
}

async function rowsByPath(
  store: ObjectStore,
  ref: EnvironmentRef,
  dead: DeadBackup,
  folder: string,
): Promise<Map<string, IndexRow[]>> {
  const rows = new Map<string, IndexRow[]>();
  for (const stream of rowsInto(store, ref, dead, folder, ''))
    for await (const row of stream) rows.set(row.copy.path, [...(rows.get(row.copy.path) ?? []), row]);
  return rows;
}

/** Of each kept backup that refers to it, the rows after a key whose copies lie in this folder. */
function rowsInto(
  store: ObjectStore,
  ref: EnvironmentRef,
  { neededBy }: DeadBackup,
  folder: string,
  after: string,
): AsyncGenerator<IndexRow>[] {
  return neededBy.map(async function* rows(manifest) {
    for await (const row of readIndex(store, ref, manifest, after))
      if (row.copy.path.startsWith(folder)) yield row;
  });
}

/** A row that names no version was written where none were kept: then every version of its copy stays. */
function isNeeded({ version }: Trace, rows: readonly IndexRow[]): boolean {
  return rows.some(({ copy }) => copy.version === undefined || copy.version === version);
}

async function* withKeys(
  traces: AsyncIterable<Trace>,
  prefix: string,
): AsyncGenerator<{ readonly key: string; readonly trace: Trace }> {
  for await (const trace of traces) yield { key: trace.key.slice(prefix.length), trace };
}

/** Everything with this prefix after a key, every version where versions are kept. */
async function* tracesOf(store: ObjectStore, prefix: string, after = ''): AsyncGenerator<Trace> {
  const options = { prefix, ...(after === '' ? {} : { startAfter: after }) };
  for await (const { key, size, version } of listEverything(store, options))
    if (compareKeys(key, after) > 0) yield { key, size, ...(version === undefined ? {} : { version }) };
}
