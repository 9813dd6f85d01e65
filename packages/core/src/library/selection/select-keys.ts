import { InvalidRequestError } from '../../errors/errors.ts';
import type { LibrarySelection } from '../../model/run.ts';
import type { LibraryRow } from '../../repository/library-rows.ts';
import { findFolders, type ReadFolders } from './find-folders.ts';

/** Reads the rows of a backup's library tables; each call from the beginning. */
export interface LibraryReader {
  readonly folders: ReadFolders;
  /** Sorted by key, rows without one first. */
  readonly fileVersions: () => AsyncIterable<LibraryRow<'DLFileVersion'>>;
}

/**
 * The keys of the objects that a selection means, sorted, each once: all versions of every file in its folders, all
 * versions of its file entries, and its file versions; of its companies only, if it names some. Generated files are
 * not among them: Liferay makes them again.
 *
 * @throws InvalidRequestError `restore.folderMissing`, `restore.folderAmbiguous`, `restore.selectionEmpty`,
 *   `restore.selectionAmbiguous`
 */
export async function* selectKeys(
  selection: LibrarySelection,
  rows: LibraryReader,
): AsyncGenerator<{ readonly key: string }> {
  const companies = new Set(selection.companies);
  const entries = new NamedIds('file entry', selection.fileEntries);
  const versions = new NamedIds('file version', selection.fileVersions);
  const sites = new NamedIds('site', selection.folders.filter(isWholeSite).map(siteOf));
  const folders = await findFolders(
    selection.folders.filter((folder) => !isWholeSite(folder)),
    rows.folders,
  );

  const isSelected = (row: LibraryRow<'DLFileVersion'>): boolean =>
    (companies.size === 0 || (row.companyId !== null && companies.has(row.companyId))) &&
    (versions.has(row.schema, row.fileVersionId) ||
      entries.has(row.schema, row.fileEntryId) ||
      sites.has(row.schema, row.groupId) ||
      folders.has(row.schema, row.folderId));

  let last: string | undefined;
  for await (const row of rows.fileVersions()) {
    if (row.key === null || row.key === last || !isSelected(row)) continue;
    last = row.key;
    yield { key: row.key };
  }
  if (last === undefined) {
    throw new InvalidRequestError(
      'The selection names no file of this backup: no version of a file lies in these folders, or has these ids.',
      'restore.selectionEmpty',
    );
  }
}

function isWholeSite({ path }: LibrarySelection['folders'][number]): boolean {
  return /^\/+$/.test(path);
}

function siteOf({ groupId }: LibrarySelection['folders'][number]): string {
  if (groupId !== undefined) return groupId;
  throw new InvalidRequestError(
    'The folder / is everything of one site. Name the site too.',
    'restore.folderAmbiguous',
  );
}

/** Ids as a selection names them, without a schema. With partitioned companies two schemas may have the same one. */
class NamedIds {
  readonly #kind: string;
  readonly #schemas: Map<string, string | undefined>;

  constructor(kind: string, ids: readonly string[]) {
    this.#kind = kind;
    this.#schemas = new Map(ids.map((id) => [id, undefined]));
  }

  /** @throws InvalidRequestError `restore.selectionAmbiguous` when two schemas have it */
  has(schema: string, id: string | null): boolean {
    if (id === null || !this.#schemas.has(id)) return false;
    const first = this.#schemas.get(id) ?? schema;
    if (first !== schema) {
      throw new InvalidRequestError(
        `Two companies have a ${this.#kind} ${id}, in ${first} and in ${schema}. Name the company too.`,
        'restore.selectionAmbiguous',
      );
    }
    this.#schemas.set(id, schema);
    return true;
  }
}
