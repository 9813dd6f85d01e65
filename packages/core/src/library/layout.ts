import { isGeneratedFile } from './generated-files.ts';

/**
 * How a document library lies in its store. Liferay has several stores, each with its own names for the same files; only
 * the first is what rows of the database can be compared with, and none is ever read as if it were another.
 *
 * - `bucket`: `{companyId}/{repositoryId}/{name}/{version}`: S3, GCS, Azure, and the simple file-system store.
 * - `nested`: the same one or more folders up: the location should be the sub-folder, `prefix` says which.
 * - `advancedFileSystem`: folders of two characters, `{name}.{extension}/{name}_{version}.{extension}`, older `DLFE-` names.
 * - `empty`: nothing is there. With rows in `DLContent` it is Liferay's DBStore, whose files lie in the database.
 * - `unknown`: none of these.
 */
export type LibraryLayout =
  | { readonly kind: 'bucket' | 'advancedFileSystem' | 'empty' | 'unknown' }
  | { readonly kind: 'nested'; readonly prefix: string };

/** What one key looks like, by itself. `storeArea`: where the GCS store keeps what was deleted or is not there yet. */
export type KeyShape = 'bucket' | 'nested' | 'advancedFileSystem' | 'storeArea' | 'other';

const bucketKey = /^\d+\/\d+\/[^/]+(?:\/[^/]+)+$/;
const nestedKey = /^((?:[^/]+\/)+?)\d+\/\d+\/[^/]+\/[^/]+$/;
/** Two-character folders, or the file's folder named like the file, which no other store has. */
const advancedKey = /^\d+\/\d+\/(?:DLFE\/)?(?:[^/]{1,2}\/){0,4}([^/]+)\.([^/.]+)\/\1_[^/]+\.\2$/;
const olderAdvancedKey = /^\d+\/\d+\/(?:[^/]+\/)*DLFE-[^/]+(?:\/.*)?$/;
const storeArea = /^_(?:deleted|new)\//;

export function keyShape(key: string): KeyShape {
  if (storeArea.test(key)) return 'storeArea';
  if (advancedKey.test(key) || olderAdvancedKey.test(key)) return 'advancedFileSystem';
  if (bucketKey.test(key)) return 'bucket';
  return nestedKey.test(key) ? 'nested' : 'other';
}

/** Looks at keys one by one, in any number, and says what layout they make. Flat memory. */
export class LayoutTally {
  readonly #counts: Record<KeyShape, number> = {
    bucket: 0,
    nested: 0,
    advancedFileSystem: 0,
    storeArea: 0,
    other: 0,
  };
  #prefix: string | undefined;

  add(key: string): void {
    // Generated files are named alike by every store.
    if (isGeneratedFile(key)) return;
    const shape = keyShape(key);
    this.#counts[shape] += 1;
    if (shape === 'nested') this.#prefix ??= nestedKey.exec(key)?.[1];
  }

  get layout(): LibraryLayout {
    const { bucket, nested, advancedFileSystem, other } = this.#counts;
    const most = Math.max(bucket, nested, advancedFileSystem, other);
    if (most === 0) return { kind: 'empty' };
    if (bucket === most) return { kind: 'bucket' };
    if (advancedFileSystem === most) return { kind: 'advancedFileSystem' };
    if (nested === most && this.#prefix !== undefined) return { kind: 'nested', prefix: this.#prefix };
    return { kind: 'unknown' };
  }
}
