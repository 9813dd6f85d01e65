import { KeyRefusedError } from '../errors/errors.ts';
import type { AttemptRef, CopyControl, ShardProgress } from '../ports/backup-provider.ts';
import type { ObjectDescription, ObjectStore, StoredObject } from '../ports/object-store.ts';
import { readJsonLines } from '../repository/json-lines.ts';
import { backupPrefix, copyPath, environmentPrefix } from '../repository/layout.ts';
import { type IndexPart, type IndexRow, indexRowSchema } from '../repository/library-index.ts';
import { mapOrdered } from './map-ordered.ts';
import { withCopy } from './restore-part.ts';
import { rowsFrom } from './rows-from.ts';
import { writeIndexPart } from './write-index-part.ts';

export interface CopyBackupPartRequest {
  readonly backup: AttemptRef;
  readonly source: ObjectStore;
  readonly target: ObjectStore;
  readonly part: IndexPart;
  /** The part's number: that of the shard in the copy's own index. */
  readonly shard: number;
  readonly cursor: number;
  readonly concurrency: number;
  readonly control: CopyControl;
}

/**
 * Copies the objects of one part of a backup's index, wherever they lie, into the copy's own folder, each compared with
 * its checksum as it passes, and writes the rows anew with their new places. Safe to repeat: the same objects are written
 * again under the same keys, and the part is replaced as a whole.
 */
export async function copyBackupPart(request: CopyBackupPartRequest): Promise<ShardProgress> {
  const { backup, source, target, part, shard, cursor, control } = request;
  let copiedObjects = 0;
  let copiedBytes = 0;

  async function copy(row: IndexRow): Promise<IndexRow> {
    control.signal.throwIfAborted();
    let path = copyPath(backup.backupId, row.key, (candidate) =>
      target.refuses(environmentPrefix(backup) + candidate),
    );
    let described: ObjectDescription = {};
    const put = (at: string) =>
      withCopy(source, backup, row, (bytes, description) => {
        described = description;
        return target.put(environmentPrefix(backup) + at, bytes, {
          lastModified: row.lastModified,
          size: row.size,
          lent: true,
          signal: control.signal,
          ...description,
        });
      });
    let stored: StoredObject;
    try {
      stored = await put(path);
    } catch (error) {
      // `a` and `a/b` may both be in a bucket; in a folder the second of them to come has no place under its own name.
      if (!(error instanceof KeyRefusedError)) throw error;
      path = copyPath(backup.backupId, row.key, () => error.message);
      stored = await put(path);
    }
    copiedObjects += 1;
    copiedBytes += stored.size;
    const { version, checksum } = stored;
    // A copy of a bucket's objects in a folder has no other place for it.
    return { ...row, ...described, checksum, copy: { path, ...(version === undefined ? {} : { version }) } };
  }

  const all = readJsonLines(source, backupPrefix(backup, backup.backupId), part, indexRowSchema);
  const { rows, next } = rowsFrom(all, cursor, control.isTimeOver);
  return writeIndexPart({
    attempt: backup,
    backups: target,
    shard,
    cursor,
    control,
    rows: mapOrdered(rows, request.concurrency, copy),
    outcome: () => ({
      next: next(),
      copiedObjects,
      copiedBytes,
      vanished: { count: 0, bytes: 0, keys: [] },
      replaced: { count: 0, byteDifference: 0 },
    }),
  });
}
