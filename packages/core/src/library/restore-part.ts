import { createHash } from 'node:crypto';
import { IntegrityError } from '../errors/errors.ts';
import type { EnvironmentRef } from '../model/ids.ts';
import type { CopyControl, ShardProgress } from '../ports/backup-provider.ts';
import type { Artefact } from '../ports/database-engine.ts';
import type {
  LentBody,
  LentObject,
  ObjectDescription,
  ObjectStore,
  ReadOptions,
} from '../ports/object-store.ts';
import { readJsonLines } from '../repository/json-lines.ts';
import { environmentPrefix } from '../repository/layout.ts';
import { type IndexRow, indexRowSchema } from '../repository/library-index.ts';
import { descriptionOf, isDescribed } from './description-of.ts';
import { mapOrdered } from './map-ordered.ts';
import { openLent } from './open-lent.ts';
import { rowsFrom } from './rows-from.ts';

export interface RestorePartRequest {
  /** The environment that the backup is of. */
  readonly backup: EnvironmentRef;
  readonly backups: ObjectStore;
  readonly target: ObjectStore;
  /** Rows of an index, by a path relative to the environment's prefix. */
  readonly part: Artefact;
  readonly cursor: number;
  readonly concurrency: number;
  readonly control: CopyControl;
}

/** Copies the objects of one shard of a restore's plan to the target, each compared with its checksum as it passes. Safe to repeat. */
export async function restorePart(request: RestorePartRequest): Promise<ShardProgress> {
  const { backup, backups, part, cursor } = request;
  const { signal, isTimeOver, onCopied } = request.control;
  let objects = 0;
  let bytes = 0;
  const all = readJsonLines(backups, environmentPrefix(backup), part, indexRowSchema);
  const { rows, next } = rowsFrom(all, cursor, isTimeOver);
  const atOnce = () => Math.max(request.concurrency, request.target.copiesAtOnce?.(backups) ?? 0);
  for await (const size of mapOrdered(rows, atOnce, (row) => restoreObject(request, row))) {
    signal.throwIfAborted();
    objects += 1;
    bytes += size;
    await onCopied({ objects: 1, bytes: size });
  }
  return {
    cursor: next(),
    objects,
    bytes,
    copiedObjects: objects,
    copiedBytes: bytes,
  };
}

/**
 * Reads the copy of one object, its bytes compared with size and checksum as they pass. Opened when the first byte is
 * asked for: a target that refuses before that leaves nothing open. @throws IntegrityError naming the object
 */
export async function* readCopy(
  backups: ObjectStore,
  ref: EnvironmentRef,
  row: IndexRow,
): AsyncGenerator<Uint8Array> {
  const { path, version } = row.copy;
  const options = version === undefined ? {} : { version };
  const { body } = await backups.get(environmentPrefix(ref) + path, options);
  yield* verified(body, ref, row);
}

/** Reads the copy of one object to its end and compares it with size and checksum. @throws IntegrityError naming the object */
export async function checkCopy(
  backups: ObjectStore,
  ref: EnvironmentRef,
  row: IndexRow,
  onRead: (bytes: number) => void = () => undefined,
): Promise<void> {
  for await (const chunk of lentCopy(backups, ref, row)) onRead(chunk.length);
}

/** Hands the bytes of a copy on, lent and compared as they pass, with what the object is described with. */
export async function withCopy<T>(
  backups: ObjectStore,
  ref: EnvironmentRef,
  row: IndexRow,
  use: (bytes: AsyncGenerator<Uint8Array>, description: ObjectDescription) => Promise<T>,
): Promise<T> {
  if (isDescribed(row)) return use(lentCopy(backups, ref, row), descriptionOf(row));
  const { info, body } = await openCopy(backups, ref, row, { tags: true });
  try {
    return await use(verified(body, ref, row), descriptionOf(info));
  } finally {
    body.destroy();
  }
}

async function* lentCopy(
  backups: ObjectStore,
  ref: EnvironmentRef,
  row: IndexRow,
): AsyncGenerator<Uint8Array> {
  const { body } = await openCopy(backups, ref, row, {});
  yield* verified(body, ref, row);
}

function openCopy(
  backups: ObjectStore,
  ref: EnvironmentRef,
  row: IndexRow,
  options: ReadOptions,
): Promise<LentObject> {
  const { path, version } = row.copy;
  return openLent(backups, environmentPrefix(ref) + path, {
    ...options,
    size: row.size,
    ...(version === undefined ? {} : { version }),
  });
}

async function* verified(body: LentBody, ref: EnvironmentRef, row: IndexRow): AsyncGenerator<Uint8Array> {
  const hash = createHash(row.checksum.algorithm);
  let bytes = 0;
  try {
    for await (const chunk of body) {
      hash.update(chunk);
      bytes += chunk.length;
      if (bytes > row.size) break;
      yield chunk;
    }
  } finally {
    body.destroy();
  }
  if (bytes !== row.size || hash.digest('hex') !== row.checksum.value)
    throw damagedCopy(row, environmentPrefix(ref) + row.copy.path);
}

async function restoreObject(request: RestorePartRequest, row: IndexRow): Promise<number> {
  const { backup, backups, target, control } = request;
  if (await restoreByServer(request, row)) return row.size;
  const stored = await withCopy(backups, backup, row, (bytes, description) =>
    target.put(row.key, bytes, {
      lastModified: row.lastModified,
      size: row.size,
      lent: true,
      signal: control.signal,
      ...description,
    }),
  );
  return stored.size;
}

/**
 * Without moving the bytes, where the target's server can. What it stored must have the checksum of the backup all the same, and is described
 * as the signed index says, where that knows.
 */
async function restoreByServer(
  { backup, backups, target, control }: RestorePartRequest,
  row: IndexRow,
): Promise<boolean> {
  if (target.copyFrom === undefined) return false;
  const key = environmentPrefix(backup) + row.copy.path;
  const stored = await target.copyFrom(backups, key, row.key, {
    size: row.size,
    signal: control.signal,
    ...(isDescribed(row) ? { description: descriptionOf(row) } : {}),
    ...(row.copy.version === undefined ? {} : { version: row.copy.version }),
  });
  if (stored === undefined) return false;
  if (stored.size !== row.size || stored.checksum.value !== row.checksum.value) throw damagedCopy(row, key);
  return true;
}

function damagedCopy(row: IndexRow, key: string): IntegrityError {
  return new IntegrityError(
    `The copy of ${JSON.stringify(row.key)} at ${key} is damaged: its bytes are not those that were backed up.`,
  );
}
