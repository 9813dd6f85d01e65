import type { EnvironmentRef } from '../model/ids.ts';
import type { AttemptRef } from '../ports/backup-provider.ts';
import type { ObjectInfo, ObjectStore } from '../ports/object-store.ts';
import { writeJsonLines } from '../repository/json-lines.ts';
import { backupPrefix, planPath } from '../repository/layout.ts';
import type { IndexRow, LibraryPlan, PlanRow } from '../repository/library-index.ts';
import type { Manifest } from '../repository/manifest.ts';
import { reusableRows } from './base.ts';
import { cutIntoShards, type ShardLimits } from './cut-into-shards.ts';
import { isGeneratedFile } from './generated-files.ts';
import { LayoutTally } from './layout.ts';
import { joinSorted, strictlySorted } from './merge-sorted.ts';
import { objectsAbove } from './objects-above.ts';

export type PlanTotals = Omit<LibraryPlan, 'source' | 'base' | 'baseRefused' | 'listedFrom' | 'listedTo'>;

export interface PlanRowsRequest {
  /** The environment, whose base is looked for below its prefix. */
  readonly environment: EnvironmentRef;
  readonly source: ObjectStore;
  /** Which of the source's objects are backed up, sorted by key; all that a listing shows now unless something else is said. */
  readonly objects?: AsyncIterable<ObjectInfo>;
  readonly backups: ObjectStore;
  /** The manifest of the backup whose copies may be used again; none for a full backup. */
  readonly base: Pick<Manifest, 'backupId' | 'units'> | undefined;
  readonly excludeGeneratedFiles: boolean;
  readonly signal: AbortSignal;
}

/**
 * Lists the source once and compares it with the base as streams. The totals are complete when the rows were read to
 * their end.
 */
export function planBackupRows(request: PlanRowsRequest): {
  readonly rows: AsyncGenerator<PlanRow>;
  readonly totals: Omit<PlanTotals, 'shards'>;
} {
  const { environment, source, backups, base, excludeGeneratedFiles, signal } = request;
  const { objects = source.list() } = request;
  const tally = new LayoutTally();
  const totals = {
    objects: 0,
    bytes: 0,
    copyObjects: 0,
    copyBytes: 0,
    excludedObjects: 0,
    excludedBytes: 0,
    get layout() {
      return tally.layout;
    },
  };

  async function* listed(): AsyncGenerator<ObjectInfo> {
    for await (const info of strictlySorted(`the listing of ${source.location}`, objects)) {
      signal.throwIfAborted();
      tally.add(info.key);
      if (excludeGeneratedFiles && isGeneratedFile(info.key)) {
        totals.excludedObjects += 1;
        totals.excludedBytes += info.size;
      } else {
        yield info;
      }
    }
  }

  const besides = objectsAbove();

  async function* rows(): AsyncGenerator<PlanRow> {
    const known = base === undefined ? none() : reusableRows(backups, environment, base);
    for await (const { left: info, right: copied } of joinSorted(listed(), known)) {
      if (info === undefined) continue;
      const unchanged = copied !== undefined && isUnchanged(info, copied);
      totals.objects += 1;
      totals.bytes += info.size;
      if (!unchanged) {
        totals.copyObjects += 1;
        totals.copyBytes += info.size;
      }
      const beside = besides(info.key);
      const row = { ...sourceObject(info), ...(beside === undefined ? {} : { beside }) };
      yield unchanged ? { ...row, ...reuse(copied) } : row;
    }
  }
  return { rows: rows(), totals };
}

/** A row that is only compared and written again costs about 20 µs, one that is copied 200 and the server's time (docs/performance.md). */
const REUSED = 0.1;

export interface PlanRequest extends Omit<PlanRowsRequest, 'environment'> {
  readonly attempt: AttemptRef;
  readonly limits: ShardLimits;
}

/**
 * Cuts the work into shards, each written as a file of {@link PlanRow}s under the attempt. Every later step reads these
 * files: the listing is taken once per attempt.
 */
export async function planLibraryBackup(request: PlanRequest): Promise<PlanTotals> {
  const { attempt, backups, limits, signal } = request;
  const { rows, totals } = planBackupRows({ ...request, environment: attempt });
  const prefix = backupPrefix(attempt, attempt.backupId);
  const workOf = (row: PlanRow) =>
    row.reuse === undefined ? { rows: 1, copyBytes: row.size } : { rows: REUSED, copyBytes: 0 };
  let shards = 0;
  for await (const shard of cutIntoShards(rows, limits, workOf)) {
    await writeJsonLines(backups, prefix, planPath(attempt.attempt, shards), shard, signal);
    shards += 1;
  }
  return { shards, ...totals };
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
    // A listing may leave the version out, where reading shows one, and so may the index, where the listing that it was made from did.
    (info.version === undefined || known.version === undefined || info.version === known.version)
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
