import { readIndexParts } from '../library/base.ts';
import type { ObjectStore } from '../ports/object-store.ts';
import { readJson } from '../repository/json-artefact.ts';
import { backupPrefix, indexPath } from '../repository/layout.ts';
import { type IndexRow, libraryIndexSchema } from '../repository/library-index.ts';
import { environment } from './library-backup.ts';
import { toArray } from './streams.ts';

/** All rows of a small backup's index. */
export async function indexRows(store: ObjectStore, backupId: string): Promise<IndexRow[]> {
  const prefix = backupPrefix(environment, backupId);
  const { parts } = await readJson(store, prefix + indexPath(1), libraryIndexSchema);
  return toArray(readIndexParts(store, prefix, parts));
}
