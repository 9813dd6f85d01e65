import { ObjectNotFoundError } from '../errors/errors.ts';
import { LcbError } from '../errors/lcb-error.ts';
import type { AttemptRef } from '../ports/backup-provider.ts';
import type { ObjectStore } from '../ports/object-store.ts';
import { readJson, writeJsonArtefact } from '../repository/json-artefact.ts';
import { backupPrefix, indexPartDescriptionPath, indexPath } from '../repository/layout.ts';
import {
  type IndexPart,
  type IndexPartDescription,
  indexPartDescriptionSchema,
  type LibraryIndex,
} from '../repository/library-index.ts';
import { compareKeys } from './compare-keys.ts';

/**
 * Follows each shard from part to part, adds everything up and writes the list of parts. Parts that a repeated call
 * left beside the path that was taken are not followed. @throws LcbError `library.incomplete`
 */
export async function foldIndex(
  backups: ObjectStore,
  attempt: AttemptRef,
  shards: number,
): Promise<LibraryIndex> {
  const prefix = backupPrefix(attempt, attempt.backupId);
  const parts: IndexPart[] = [];
  const references = new Set<string>();
  const sums = {
    objects: 0,
    bytes: 0,
    copiedObjects: 0,
    copiedBytes: 0,
    vanishedObjects: 0,
    vanishedBytes: 0,
    replacedByteDifference: 0,
  };
  let lastKey: string | undefined;
  for (let shard = 0; shard < shards; shard += 1) {
    let cursor: number | null = 0;
    while (cursor !== null) {
      const key: string = prefix + indexPartDescriptionPath(attempt.attempt, shard, cursor);
      const description: IndexPartDescription = await readDescription(backups, key);
      const { part, next } = description;
      if (next !== null && next <= cursor) throw incomplete(`${part.path} is followed by itself.`);
      if (part.firstKey !== undefined && lastKey !== undefined && compareKeys(part.firstKey, lastKey) <= 0) {
        throw incomplete(`${part.path} overlaps the part before it.`);
      }
      lastKey = part.lastKey ?? lastKey;
      parts.push(part);
      sums.objects += part.rows;
      sums.bytes += part.objectBytes;
      sums.copiedObjects += description.copiedObjects;
      sums.copiedBytes += description.copiedBytes;
      sums.vanishedObjects += description.vanished.count;
      sums.vanishedBytes += description.vanished.bytes;
      sums.replacedByteDifference += description.replaced.byteDifference;
      for (const reference of description.references) references.add(reference);
      cursor = next;
    }
  }
  const index: LibraryIndex = { parts, ...sums, references: [...references].sort() };
  await writeJsonArtefact(backups, prefix, indexPath(attempt.attempt), index);
  return index;
}

async function readDescription(backups: ObjectStore, key: string): Promise<IndexPartDescription> {
  try {
    return await readJson(backups, key, indexPartDescriptionSchema);
  } catch (error) {
    if (error instanceof ObjectNotFoundError) throw incomplete(`${key} is missing.`);
    throw error;
  }
}

function incomplete(message: string): LcbError {
  return new LcbError({ code: 'library.incomplete', message });
}
