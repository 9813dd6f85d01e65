import { createHash } from 'node:crypto';
import type { EnvironmentRef } from '../model/ids.ts';

/**
 * Where everything lies in a backup location. The one place that knows; documented byte for byte in
 * `docs/repository-format.md`. Paths that stand in manifests are relative: to `backups/{backupId}/` for artefacts,
 * to the environment's prefix for copies of objects, which may lie in another backup's folder.
 */
export function environmentPrefix(ref: EnvironmentRef): string {
  return `${ref.projectId}/${ref.environment}/`;
}

export function backupFolder(backupId: string): string {
  return `backups/${backupId}/`;
}

export function backupPrefix(ref: EnvironmentRef, backupId: string): string {
  return environmentPrefix(ref) + backupFolder(backupId);
}

export function manifestKey(ref: EnvironmentRef, backupId: string): string {
  return `${backupPrefix(ref, backupId)}manifest.json`;
}

/** Relative to `backups/{backupId}/`. */
export const attemptsFolder = 'attempts/';
export function attemptFolder(attempt: number): string {
  return `${attemptsFolder}${attempt}/`;
}
export function databaseFolder(attempt: number): string {
  return `${attemptFolder(attempt)}database/`;
}
export function libraryFolder(attempt: number): string {
  return `${attemptFolder(attempt)}library/`;
}
/** Description of a finished dump. */
export function dumpDescriptionPath(attempt: number): string {
  return `${databaseFolder(attempt)}dump.json`;
}
/** What the search snapshot of this attempt holds. */
export function searchSnapshotPath(attempt: number): string {
  return `${attemptFolder(attempt)}search/snapshot.json`;
}
export function checksPath(attempt: number): string {
  return `${attemptFolder(attempt)}checks.json`;
}
/** Says whether the database and the library of this attempt fit together. */
export function certificatePath(attempt: number): string {
  return `${attemptFolder(attempt)}consistency.json`;
}
/** Everything that does not fit. */
export function findingsPath(attempt: number): string {
  return `${attemptFolder(attempt)}consistency-findings.jsonl.zst`;
}
/** The source's keys and sizes, listed before the database's moment. Gone once the backup is sealed. */
export function earlierListingPath(attempt: number): string {
  return `${libraryFolder(attempt)}prelist.jsonl.zst`;
}
export function earlierListingDescriptionPath(attempt: number): string {
  return `${libraryFolder(attempt)}prelist.json`;
}
export function libraryPlanPath(attempt: number): string {
  return `${libraryFolder(attempt)}plan.json`;
}
/** What one shard has to do. */
export function planPath(attempt: number, shard: number): string {
  return `${libraryFolder(attempt)}plan-${padded(shard, 5)}.jsonl.zst`;
}
/** One part of the index: what one call of one shard wrote, from this cursor on. */
export function indexPartPath(attempt: number, shard: number, cursor: number): string {
  return `${libraryFolder(attempt)}index-${padded(shard, 5)}-${padded(cursor, 10)}.jsonl.zst`;
}
export function indexPartDescriptionPath(attempt: number, shard: number, cursor: number): string {
  return `${libraryFolder(attempt)}index-${padded(shard, 5)}-${padded(cursor, 10)}.json`;
}
/** The list of all parts of the index, in order. */
export function indexPath(attempt: number): string {
  return `${libraryFolder(attempt)}index.json`;
}

/**
 * What a restore of one of the environment's backups works with and leaves beside them, relative to the environment's
 * prefix. No backup refers to it.
 */
export function restoreFolder(restoreId: string): string {
  return `restores/${restoreId}/`;
}
export function restoresPrefix(ref: EnvironmentRef): string {
  return `${environmentPrefix(ref)}restores/`;
}
/** What one shard of a restore has to copy. */
export function restoreShardPath(folder: string, shard: number): string {
  return `${folder}plan-${padded(shard, 5)}.jsonl.zst`;
}

/** What stays of a restore: its certificate. Relative to the environment's prefix. */
export function restoreCertificatePaths(restoreId: string) {
  const folder = restoreFolder(restoreId);
  return { path: `${folder}consistency.json`, findingsPath: `${folder}consistency-findings.jsonl.zst` };
}

export const objectsFolder = 'objects/';
export const longObjectsFolder = 'objects-long/';

/**
 * Where a library object's copy lies, relative to the environment's prefix: under its own key, or, where prefix and key
 * together do not fit the store, under the SHA-256 of the key. The index row's `copy` is the only truth for a reader.
 */
export function copyPath(
  backupId: string,
  key: string,
  refuses: (path: string) => string | undefined,
): string {
  const plain = `${backupFolder(backupId)}${objectsFolder}${key}`;
  if (refuses(plain) === undefined) return plain;
  return `${backupFolder(backupId)}${longObjectsFolder}${createHash('sha256').update(key).digest('hex')}`;
}

/** The backup in whose folder a copy lies. */
export function backupIdOfCopy(path: string): string | undefined {
  return /^backups\/([^/]+)\/objects(?:-long)?\//.exec(path)?.[1];
}

/** Key of a record: sorted by time. `id` is the record's own, unique name. */
export function recordKey(ref: EnvironmentRef, at: string, id: string): string {
  return `${recordsPrefix(ref)}${new Date(at).toISOString().replaceAll(/[-:.]/g, '')}-${id}.json`;
}
export function recordsPrefix(ref: EnvironmentRef): string {
  return `${environmentPrefix(ref)}records/`;
}

function padded(number: number, digits: number): string {
  return String(number).padStart(digits, '0');
}
