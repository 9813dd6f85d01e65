import { KeyRefusedError } from '../errors/errors.ts';
import type { AttemptRef, CopyControl, ShardProgress } from '../ports/backup-provider.ts';
import type { ObjectStore, StoredObject } from '../ports/object-store.ts';
import { writeJsonArtefact } from '../repository/json-artefact.ts';
import { readJsonLines, writeJsonLines } from '../repository/json-lines.ts';
import {
  backupPrefix,
  copyPath,
  environmentPrefix,
  indexPartDescriptionPath,
  indexPartPath,
} from '../repository/layout.ts';
import {
  type IndexPart,
  type IndexPartDescription,
  type IndexRow,
  indexRowSchema,
} from '../repository/library-index.ts';
import { mapOrdered } from './map-ordered.ts';
import { readCopy } from './restore-part.ts';

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
  const { backup, source, target, part, shard, cursor } = request;
  const { signal, isTimeOver, onCopied } = request.control;
  const prefix = backupPrefix(backup, backup.backupId);
  let taken = 0;
  let stopped = false;
  let objectBytes = 0;
  let firstKey: string | undefined;
  let lastKey: string | undefined;

  async function* toCopy(): AsyncGenerator<IndexRow> {
    let position = 0;
    for await (const row of readJsonLines(source, prefix, part, indexRowSchema)) {
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

  async function copy(row: IndexRow): Promise<IndexRow> {
    signal.throwIfAborted();
    let path = copyPath(backup.backupId, row.key, (candidate) =>
      target.refuses(environmentPrefix(backup) + candidate),
    );
    const put = (at: string) =>
      target.put(environmentPrefix(backup) + at, readCopy(source, backup, row), {
        lastModified: row.lastModified,
        signal,
        ...(row.contentType === undefined ? {} : { contentType: row.contentType }),
        ...(row.metadata === undefined ? {} : { metadata: row.metadata }),
        ...(row.tags === undefined ? {} : { tags: row.tags }),
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
    const { version, checksum } = stored;
    return { ...row, checksum, copy: { path, ...(version === undefined ? {} : { version }) } };
  }

  async function* copied(): AsyncGenerator<IndexRow> {
    for await (const row of mapOrdered(toCopy(), request.concurrency, copy)) {
      firstKey ??= row.key;
      lastKey = row.key;
      objectBytes += row.size;
      yield row;
      await onCopied({ objects: 1, bytes: row.size });
    }
  }

  const path = indexPartPath(backup.attempt, shard, cursor);
  const written = await writeJsonLines(target, prefix, path, copied(), signal);
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
    copiedObjects: written.rows,
    copiedBytes: objectBytes,
    vanished: { count: 0, bytes: 0, keys: [] },
    replaced: { count: 0, byteDifference: 0 },
    references: written.rows === 0 ? [] : [backup.backupId],
  };
  await writeJsonArtefact(
    target,
    prefix,
    indexPartDescriptionPath(backup.attempt, shard, cursor),
    description,
  );
  return {
    cursor: next,
    objects: written.rows,
    bytes: objectBytes,
    copiedObjects: written.rows,
    copiedBytes: objectBytes,
  };
}
