import type { AttemptRef } from '../ports/backup-provider.ts';
import type { ObjectInfo, ObjectStore } from '../ports/object-store.ts';
import { writeJsonLines } from '../repository/json-lines.ts';
import { backupPrefix, planPath } from '../repository/layout.ts';
import type { IndexRow, LibraryPlan, PlanRow } from '../repository/library-index.ts';
import type { Manifest } from '../repository/manifest.ts';
import { reusableRows } from './base.ts';
import { isGeneratedFile } from './generated-files.ts';
import { joinSorted, strictlySorted } from './merge-sorted.ts';
import { objectsAbove } from './objects-above.ts';

/** A shard is full when it has this many rows, or this many bytes to copy. */
export interface ShardLimits {
  readonly rows: number;
  readonly copyBytes: number;
}

export type PlanTotals = Omit<LibraryPlan, 'source' | 'base' | 'baseRefused' | 'listedFrom' | 'listedTo'>;

export interface PlanRequest {
  readonly attempt: AttemptRef;
  readonly source: ObjectStore;
  readonly backups: ObjectStore;
  /** The manifest of the backup whose copies may be used again; none for a full backup. */
  readonly base: Pick<Manifest, 'backupId' | 'units'> | undefined;
  readonly excludeGeneratedFiles: boolean;
  readonly limits: ShardLimits;
  readonly signal: AbortSignal;
}

/**
 * Lists the source once, compares it with the base as streams and cuts the work into shards, each written as a file of
 * {@link PlanRow}s under the attempt. Every later step reads these files: the listing is taken once per attempt.
 */
export async function planLibraryBackup(request: PlanRequest): Promise<PlanTotals> {
  const { attempt, source, backups, base, limits, signal } = request;
  const plan = {
    shards: 0,
    objects: 0,
    bytes: 0,
    copyObjects: 0,
    copyBytes: 0,
    excludedObjects: 0,
    excludedBytes: 0,
  };

  async function* listed(): AsyncGenerator<ObjectInfo> {
    for await (const info of strictlySorted(`the listing of ${source.location}`, source.list())) {
      signal.throwIfAborted();
      if (request.excludeGeneratedFiles && isGeneratedFile(info.key)) {
        plan.excludedObjects += 1;
        plan.excludedBytes += info.size;
      } else {
        yield info;
      }
    }
  }

  const besides = objectsAbove();

  async function* rows(): AsyncGenerator<PlanRow> {
    for await (const { left: info, right: known } of joinSorted(listed(), baseRows(request))) {
      if (info === undefined) continue;
      const unchanged = known !== undefined && isUnchanged(info, known);
      plan.objects += 1;
      plan.bytes += info.size;
      if (!unchanged) {
        plan.copyObjects += 1;
        plan.copyBytes += info.size;
      }
      const beside = besides(info.key);
      const row = { ...sourceObject(info), ...(beside === undefined ? {} : { beside }) };
      yield unchanged ? { ...row, ...reuse(known) } : row;
    }
  }

  const prefix = backupPrefix(attempt, attempt.backupId);
  for await (const shard of cut(rows(), limits)) {
    await writeJsonLines(backups, prefix, planPath(attempt.attempt, plan.shards), shard, signal);
    plan.shards += 1;
  }
  return plan;

  function baseRows({ backups: store }: PlanRequest): AsyncIterable<IndexRow> {
    return base === undefined ? none() : reusableRows(store, attempt, base);
  }
}

async function* none(): AsyncGenerator<never> {}

/**
 * Nothing about the object differs from when the base copied it. Size, etag and time are compared together: a store
 * whose etag changes without need costs a copy, one whose etag does not change although the bytes did is told by time.
 */
export function isUnchanged(info: ObjectInfo, known: IndexRow): boolean {
  return (
    info.size === known.size &&
    info.etag === known.etag &&
    info.lastModified === known.lastModified &&
    // A listing may leave the version out, where reading shows one.
    (info.version === undefined || info.version === known.version)
  );
}

/** Without the fields that are `undefined`, so that the row reads the same after a trip through JSON. */
export function sourceObject(info: ObjectInfo): PlanRow {
  const { key, size, etag, version, lastModified, contentType, metadata, tags } = info;
  return {
    key,
    size,
    etag,
    lastModified,
    ...(version === undefined ? {} : { version }),
    ...(contentType === undefined ? {} : { contentType }),
    ...(metadata === undefined ? {} : { metadata: { ...metadata } }),
    ...(tags === undefined ? {} : { tags: { ...tags } }),
  };
}

/** The base's row also knows version, content type, metadata and tags, which a listing may leave out. */
function reuse(known: IndexRow) {
  return {
    ...(known.version === undefined ? {} : { version: known.version }),
    ...(known.contentType === undefined ? {} : { contentType: known.contentType }),
    ...(known.metadata === undefined ? {} : { metadata: known.metadata }),
    ...(known.tags === undefined ? {} : { tags: known.tags }),
    reuse: { checksum: known.checksum, copy: known.copy },
  };
}

/** Cuts a stream into consecutive streams; each must be read to its end before the next. */
async function* cut(
  rows: AsyncGenerator<PlanRow>,
  limits: ShardLimits,
): AsyncGenerator<AsyncGenerator<PlanRow>> {
  try {
    let next = await rows.next();
    while (!next.done) yield shard();

    async function* shard(): AsyncGenerator<PlanRow> {
      let count = 0;
      let bytes = 0;
      while (!next.done && count < limits.rows && (count === 0 || bytes < limits.copyBytes)) {
        count += 1;
        if (next.value.reuse === undefined) bytes += next.value.size;
        yield next.value;
        next = await rows.next();
      }
    }
  } finally {
    await rows.return(undefined);
  }
}
