import { createHash } from 'node:crypto';
import { zstdCompressSync } from 'node:zlib';
import type { Artefact, IndexRow, LibraryIndex, LibraryUnit, ObjectStore } from '@lcb/core';
import { stubKey, stubObject, stubSha256 } from './stub-bucket.ts';

export const environment = { projectId: 'retail', environment: 'prd' };
const baseId = 'retail-prd-backup-20250101-000000';
const folder = `backups/${baseId}/`;
const prefix = `${environment.projectId}/${environment.environment}/${folder}`;
/** Where the copies of the base lie, in the bucket of the backups. */
export const copiesPrefix = `${prefix}objects/`;

const rowsOfPart = 50_000;

/** As much of a manifest as makes a base of it. */
export interface BaseManifest {
  readonly backupId: string;
  readonly units: { readonly documentLibrary: LibraryUnit };
}

/** Writes the index of a backup that has copied every object of the stub, as docs/repository-format.md describes it. */
export async function writeBase(store: ObjectStore, objects: number): Promise<BaseManifest> {
  const write = async (path: string, bytes: Buffer): Promise<Artefact> => {
    await store.put(prefix + path, bytes);
    return { path, bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
  };
  const parts: LibraryIndex['parts'] = [];
  for (let first = 0; first < objects; first += rowsOfPart) {
    const rows = Array.from({ length: Math.min(rowsOfPart, objects - first) }, (_, at) => rowOf(first + at));
    const text = rows.map((row) => `${JSON.stringify(row)}\n`).join('');
    const path = `attempts/1/library/index-${String(parts.length).padStart(5, '0')}-0000000000.jsonl.zst`;
    parts.push({
      ...(await write(path, zstdCompressSync(text))),
      rows: rows.length,
      objectBytes: rows.length * stubObject.size,
      firstKey: stubKey(first),
      lastKey: stubKey(first + rows.length - 1),
    });
  }
  const bytes = objects * stubObject.size;
  const counts = { objects, bytes, copiedObjects: objects, copiedBytes: bytes, vanishedObjects: 0 };
  const index: LibraryIndex = {
    parts,
    ...counts,
    vanishedBytes: 0,
    replacedByteDifference: 0,
    references: [baseId],
  };
  const artefact = await write('attempts/1/library/index.json', Buffer.from(JSON.stringify(index)));
  const documentLibrary = {
    index: artefact,
    source: 's3://library',
    ...counts,
    excludedObjects: 0,
    excludedBytes: 0,
    references: [baseId],
  };
  return { backupId: baseId, units: { documentLibrary } };
}

function rowOf(number: number): IndexRow {
  const key = stubKey(number);
  return {
    key,
    ...stubObject,
    checksum: { algorithm: 'sha256', value: stubSha256.toString('hex') },
    copy: { path: `${folder}objects/${key}` },
  };
}
