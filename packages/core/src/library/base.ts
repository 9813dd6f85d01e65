import type { EnvironmentRef } from '../model/ids.ts';
import type { ObjectInfo, ObjectStore } from '../ports/object-store.ts';
import { readJsonArtefact } from '../repository/json-artefact.ts';
import { readJsonLines } from '../repository/json-lines.ts';
import {
  backupFolder,
  backupPrefix,
  environmentPrefix,
  longObjectsFolder,
  objectsFolder,
} from '../repository/layout.ts';
import { type IndexRow, indexRowSchema, libraryIndexSchema } from '../repository/library-index.ts';
import type { Manifest } from '../repository/manifest.ts';
import { compareKeys } from './compare-keys.ts';
import { everyVersion } from './every-version.ts';
import { groupSorted, joinSorted, mergeSorted, strictlySorted } from './merge-sorted.ts';

/**
 * The rows of a sealed backup's index after a key (every one, without it), in key order, their hashes checked on the way. Parts
 * that end before that key are not read.
 */
export async function* readIndex(
  store: ObjectStore,
  ref: EnvironmentRef,
  manifest: Pick<Manifest, 'backupId' | 'units'>,
  after = '',
): AsyncGenerator<IndexRow> {
  const unit = manifest.units.documentLibrary;
  if (unit === undefined) return;
  const prefix = backupPrefix(ref, manifest.backupId);
  const index = await readJsonArtefact(store, prefix, unit.index, libraryIndexSchema);
  const parts = index.parts.filter(({ lastKey }) => lastKey !== undefined && compareKeys(lastKey, after) > 0);
  const rows = strictlySorted(`the index of ${manifest.backupId}`, readIndexParts(store, prefix, parts));
  for await (const row of rows) if (compareKeys(row.key, after) > 0) yield row;
}

/** The rows of some parts, one part after the other. */
export async function* readIndexParts(
  store: ObjectStore,
  prefix: string,
  parts: readonly { readonly path: string; readonly bytes: number; readonly sha256: string }[],
): AsyncGenerator<IndexRow> {
  for (const part of parts) yield* readJsonLines(store, prefix, part, indexRowSchema);
}

/**
 * The rows of a base whose copies a listing of the backup location really shows, with the size that they must have.
 * One listing per backup that the base refers to, merged as streams: no request per object. Only the copies that lie
 * under a hash of their key, because the key did not fit the store, are asked for one by one.
 */
export async function* reusableRows(
  store: ObjectStore,
  ref: EnvironmentRef,
  base: Pick<Manifest, 'backupId' | 'units'>,
): AsyncGenerator<IndexRow> {
  const copies = listCopies(store, ref, base.units.documentLibrary?.references ?? []);
  for await (const { left: row, right: copy } of joinSorted(
    readIndex(store, ref, base),
    groupSorted(copies),
  )) {
    if (row === undefined) continue;
    if (row.copy.path.includes(`/${longObjectsFolder}`)) {
      const { path, version } = row.copy;
      const info = await store.head(environmentPrefix(ref) + path, version === undefined ? {} : { version });
      if (info?.size === row.size) yield row;
    } else if (copy?.members.some(({ info }) => isCopyOf(row, ref, info))) {
      yield row;
    }
  }
}

/** Is what a listing shows the copy that the row names, by place, size and version? */
export function isCopyOf(row: IndexRow, ref: EnvironmentRef, info: StoredCopy['info']): boolean {
  if (info.key !== environmentPrefix(ref) + row.copy.path || info.size !== row.size) return false;
  return row.copy.version === undefined || row.copy.version === info.version;
}

export interface StoredCopy {
  /** The library object's key. */
  readonly key: string;
  readonly info: Pick<ObjectInfo, 'key' | 'size' | 'version'>;
}

/** The copies that lie in these backups' folders, in the order of the library's keys; several may have one key. */
export function listCopies(
  store: ObjectStore,
  ref: EnvironmentRef,
  backupIds: readonly string[],
): AsyncGenerator<StoredCopy> {
  return mergeSorted(backupIds.map((backupId) => copiesIn(store, ref, backupId)));
}

/** The library objects that were copied into one backup's folder, in key order. */
async function* copiesIn(
  store: ObjectStore,
  ref: EnvironmentRef,
  backupId: string,
): AsyncGenerator<StoredCopy> {
  const prefix = environmentPrefix(ref) + backupFolder(backupId) + objectsFolder;
  for await (const info of everyVersion(store, prefix)) yield { key: info.key.slice(prefix.length), info };
}
