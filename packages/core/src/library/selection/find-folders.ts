import { InvalidRequestError } from '../../errors/errors.ts';
import type { LibrarySelection } from '../../model/run.ts';
import type { LibraryRow } from '../../repository/library-rows.ts';

type FolderRow = LibraryRow<'DLFolder'>;
type FolderPath = LibrarySelection['folders'][number];

/** Reads the rows of `DLFolder` from the beginning, as often as it is called. */
export type ReadFolders = () => AsyncIterable<FolderRow>;

/** Folders by schema and id: with partitioned companies each schema counts for itself. */
export class FolderSet {
  readonly #ids = new Set<string>();

  get size(): number {
    return this.#ids.size;
  }
  add(schema: string, folderId: string): void {
    this.#ids.add(`${folderId} ${schema}`);
  }
  has(schema: string, folderId: string | null): boolean {
    return this.#ids.has(`${folderId} ${schema}`);
  }
}

/**
 * Finds folders by their paths, as people see them, and everything below. One pass over the rows for each level: memory
 * grows with what is selected, not with the library.
 *
 * @throws InvalidRequestError `restore.folderMissing`, `restore.folderAmbiguous`
 */
export async function findFolders(paths: readonly FolderPath[], read: ReadFolders): Promise<FolderSet> {
  const found = new FolderSet();
  for (const path of paths) {
    const folder = await findFolder(path, read);
    found.add(folder.schema, folder.folderId);
  }
  await addDescendants(found, read);
  return found;
}

async function findFolder({ path, groupId }: FolderPath, read: ReadFolders): Promise<FolderRow> {
  const names = path.split('/').filter((name) => name !== '');
  let level: FolderRow[] = [];
  for (const [depth, name] of names.entries()) {
    const parents = new FolderSet();
    for (const { schema, folderId } of level) parents.add(schema, folderId);
    const below: FolderRow[] = [];
    const beside = new Set<string>();
    for await (const row of read()) {
      if (!isInProduction(row) || (groupId !== undefined && row.groupId !== groupId)) continue;
      const isHere = depth === 0 ? row.parentFolderId === '0' : parents.has(row.schema, row.parentFolderId);
      if (!isHere) continue;
      if (row.name === name) below.push(row);
      else if (row.name !== null && beside.size < 10) beside.add(row.name);
    }
    if (below.length === 0) throw missing(path, names.slice(0, depth), name, beside);
    level = below;
  }
  const [folder, ...others] = level;
  if (folder === undefined) throw new InvalidRequestError('A folder needs a name.', 'restore.folderMissing');
  if (others.length > 0) throw ambiguous(path, level);
  return folder;
}

/** Rows of a publication are not what people see yet. */
function isInProduction({ ctCollectionId }: FolderRow): boolean {
  return ctCollectionId === '0';
}

/** Passes until one finds nothing new: parents mostly come before their children, so there are few. */
async function addDescendants(found: FolderSet, read: ReadFolders): Promise<void> {
  for (let before = -1; before !== found.size; ) {
    before = found.size;
    if (before === 0) return;
    for await (const row of read()) {
      if (isInProduction(row) && found.has(row.schema, row.parentFolderId))
        found.add(row.schema, row.folderId);
    }
  }
}

function missing(path: string, parents: readonly string[], name: string, beside: ReadonlySet<string>) {
  const where = parents.length === 0 ? 'at the top' : `in /${parents.join('/')}`;
  const there = beside.size === 0 ? 'there is no folder' : `there are ${[...beside].map(quoted).join(', ')}`;
  return new InvalidRequestError(
    `The backup has no folder ${quoted(path)}: ${there} ${where}, and no ${quoted(name)}. Names are compared exactly, upper and lower case included.`,
    'restore.folderMissing',
  );
}

function ambiguous(path: string, folders: readonly FolderRow[]) {
  const sites = folders.map(({ groupId, companyId }) => `${groupId} (of company ${companyId})`);
  return new InvalidRequestError(
    `${folders.length} sites have a folder ${quoted(path)}: ${sites.join(', ')}. Name the site too.`,
    'restore.folderAmbiguous',
  );
}

function quoted(text: string): string {
  return JSON.stringify(text);
}
