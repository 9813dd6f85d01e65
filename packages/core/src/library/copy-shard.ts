import type { AttemptRef, CopyControl, ShardProgress } from '../ports/backup-provider.ts';
import type { ObjectStore } from '../ports/object-store.ts';
import { readJsonLinesUnverified } from '../repository/json-lines.ts';
import { backupPrefix, copyPath, environmentPrefix, objectsFolder, planPath } from '../repository/layout.ts';
import { type IndexRow, type PlanRow, planRowSchema } from '../repository/library-index.ts';
import { copyObject } from './copy-object.ts';
import { mapOrdered } from './map-ordered.ts';
import { rowsFrom } from './rows-from.ts';
import { writeIndexPart } from './write-index-part.ts';

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
  const { attempt, source, backups, shard, cursor, control } = request;
  const prefix = backupPrefix(attempt, attempt.backupId);
  const vanished = { count: 0, bytes: 0, keys: [] as string[] };
  const replaced = { count: 0, byteDifference: 0 };
  let copiedObjects = 0;
  let copiedBytes = 0;

  async function take(row: PlanRow): Promise<IndexRow | undefined> {
    control.signal.throwIfAborted();
    const { reuse, beside, ...object } = row;
    if (reuse !== undefined) return { ...object, ...reuse };
    const path = copyPath(attempt.backupId, row.key, (candidate) =>
      backups.refuses(environmentPrefix(attempt) + candidate, beside && prefix + objectsFolder + beside),
    );
    const target = environmentPrefix(attempt) + path;
    const outcome = await copyObject(source, object, backups, target, control.signal);
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

  const atOnce = () => Math.max(request.concurrency, backups.copiesAtOnce?.(source) ?? 0);
  const plan = readJsonLinesUnverified(backups, prefix + planPath(attempt.attempt, shard), planRowSchema);
  const { rows, next } = rowsFrom(plan, cursor, control.isTimeOver);

  async function* indexRows(): AsyncGenerator<IndexRow> {
    for await (const row of mapOrdered(rows, atOnce, take)) if (row !== undefined) yield row;
  }

  return writeIndexPart({
    attempt,
    backups,
    shard,
    cursor,
    control,
    rows: indexRows(),
    outcome: () => ({ next: next(), copiedObjects, copiedBytes, vanished, replaced }),
  });
}
