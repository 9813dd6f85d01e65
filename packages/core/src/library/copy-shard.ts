import { LcbError } from '../errors/lcb-error.ts';
import type { AttemptRef, CopyControl, ShardProgress } from '../ports/backup-provider.ts';
import type { ObjectStore } from '../ports/object-store.ts';
import { writeJsonArtefact } from '../repository/json-artefact.ts';
import { readJsonLinesUnverified, writeJsonLines } from '../repository/json-lines.ts';
import {
  backupIdOfCopy,
  backupPrefix,
  copyPath,
  environmentPrefix,
  indexPartDescriptionPath,
  indexPartPath,
  objectsFolder,
  planPath,
} from '../repository/layout.ts';
import {
  type IndexPartDescription,
  type IndexRow,
  type PlanRow,
  planRowSchema,
} from '../repository/library-index.ts';
import { copyObject } from './copy-object.ts';
import { mapOrdered } from './map-ordered.ts';

export interface CopyShardRequest {
  readonly attempt: AttemptRef;
  readonly source: ObjectStore;
  readonly backups: ObjectStore;
  readonly shard: number;
  readonly cursor: number;
  readonly concurrency: number;
  readonly control: CopyControl;
}

/** Keys named in a description; the count is always complete. */
const namedKeys = 100;

/**
 * Copies the rows of one shard from the cursor on and writes their index part and its description. Safe to repeat: the
 * same objects are written again under the same keys, and the part is replaced as a whole.
 */
export async function copyShard(request: CopyShardRequest): Promise<ShardProgress> {
  const { attempt, source, backups, shard, cursor } = request;
  const { signal, isTimeOver, onCopied } = request.control;
  const prefix = backupPrefix(attempt, attempt.backupId);
  let taken = 0;
  let stopped = false;
  const vanished = { count: 0, bytes: 0, keys: [] as string[] };
  const replaced = { count: 0, byteDifference: 0 };
  const references = new Set<string>();
  let copiedObjects = 0;
  let copiedBytes = 0;
  let objectBytes = 0;
  let firstKey: string | undefined;
  let lastKey: string | undefined;

  async function* planned(): AsyncGenerator<PlanRow> {
    let position = 0;
    const rows = readJsonLinesUnverified(backups, prefix + planPath(attempt.attempt, shard), planRowSchema);
    for await (const row of rows) {
      position += 1;
      if (position <= cursor) continue;
      if (taken > 0 && isTimeOver()) {
        stopped = true;
        return;
      }
      taken += 1;
      yield row;
    }
  }

  async function take(row: PlanRow): Promise<IndexRow | undefined> {
    signal.throwIfAborted();
    const { reuse, beside, ...object } = row;
    if (reuse !== undefined) return { ...object, ...reuse };
    const path = copyPath(attempt.backupId, row.key, (candidate) =>
      backups.refuses(
        environmentPrefix(attempt) + candidate,
        beside && backupPrefix(attempt, attempt.backupId) + objectsFolder + beside,
      ),
    );
    const outcome = await copyObject(source, object, backups, environmentPrefix(attempt) + path, signal);
    if (outcome.kind === 'vanished') {
      vanished.count += 1;
      vanished.bytes += row.size;
      if (vanished.keys.length < namedKeys) vanished.keys.push(row.key);
      return undefined;
    }
    if (outcome.source.etag !== row.etag) {
      replaced.count += 1;
      replaced.byteDifference += outcome.source.size - row.size;
    }
    copiedObjects += 1;
    copiedBytes += outcome.stored.size;
    const { checksum, version } = outcome.stored;
    return { ...outcome.source, checksum, copy: { path, ...(version === undefined ? {} : { version }) } };
  }

  async function* indexRows(): AsyncGenerator<IndexRow> {
    for await (const row of mapOrdered(planned(), request.concurrency, take)) {
      if (row === undefined) continue;
      firstKey ??= row.key;
      lastKey = row.key;
      objectBytes += row.size;
      references.add(referenceOf(row));
      yield row;
      await onCopied({ objects: 1, bytes: row.size });
    }
  }

  const path = indexPartPath(attempt.attempt, shard, cursor);
  const written = await writeJsonLines(backups, prefix, path, indexRows(), signal);
  const next = stopped ? cursor + taken : null;
  const description: IndexPartDescription = {
    shard,
    cursor,
    next,
    part: {
      ...written,
      objectBytes,
      ...(firstKey === undefined ? {} : { firstKey }),
      ...(lastKey === undefined ? {} : { lastKey }),
    },
    copiedObjects,
    copiedBytes,
    vanished,
    replaced,
    references: [...references].sort(),
  };
  await writeJsonArtefact(
    backups,
    prefix,
    indexPartDescriptionPath(attempt.attempt, shard, cursor),
    description,
  );
  return { cursor: next, objects: written.rows, bytes: objectBytes, copiedObjects, copiedBytes };
}

function referenceOf(row: IndexRow): string {
  const backupId = backupIdOfCopy(row.copy.path);
  if (backupId === undefined) {
    throw new LcbError({
      code: 'internal',
      message: `The copy of ${row.key} lies outside of any backup: ${row.copy.path}`,
    });
  }
  return backupId;
}
