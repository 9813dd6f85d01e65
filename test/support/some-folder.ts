import { z } from 'zod';
import { queryRows } from './query-rows.ts';

/** A folder at the top of a site, with the keys of all that lies in it and below. */
export interface SomeFolder {
  readonly path: string;
  readonly groupId: string;
  readonly keys: readonly string[];
}

const text = z.coerce.string();
const folders = z.array(z.object({ name: text, group_id: text, tree_path: text }));
const versions = z.array(
  z.object({
    company_id: text,
    folder_id: text,
    name: text,
    version: text,
    store_uuid: z.string().nullable(),
    tree_path: text,
  }),
);

/** The folder of a schema that has the most files, by what its rows say. */
export async function someFolder(databaseUrl: string, schema: string): Promise<SomeFolder> {
  const read = (sql: string) => queryRows(databaseUrl, sql);
  const tops = folders.parse(
    await read(
      `SELECT f.name AS name, f.groupId AS group_id, f.treePath AS tree_path FROM ${schema}.DLFolder f
       WHERE f.parentFolderId = 0 AND f.ctCollectionId = 0 ORDER BY f.folderId`,
    ),
  );
  const files = versions.parse(
    await read(
      `SELECT e.companyId AS company_id, e.folderId AS folder_id, e.name AS name, v.version AS version,
         v.storeUUID AS store_uuid, e.treePath AS tree_path
       FROM ${schema}.DLFileVersion v
       JOIN ${schema}.DLFileEntry e ON e.fileEntryId = v.fileEntryId AND e.ctCollectionId = v.ctCollectionId`,
    ),
  );
  const [most] = tops
    .map(({ name, group_id: groupId, tree_path: path }) => ({
      path: `/${name}`,
      groupId,
      keys: [...new Set(files.filter(({ tree_path }) => tree_path.startsWith(path)).map(keyOf))],
    }))
    .sort((a, b) => b.keys.length - a.keys.length);
  if (most === undefined || most.keys.length === 0) throw new Error(`${schema} has no folder with files.`);
  return most;
}

function keyOf({
  company_id,
  folder_id,
  name,
  version,
  store_uuid,
}: z.infer<typeof versions>[number]): string {
  const generation = store_uuid === null || store_uuid === '' ? '' : `~${store_uuid}`;
  return `${company_id}/${folder_id}/${name}/${version}${generation}`;
}
