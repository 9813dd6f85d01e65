import { InvalidRequestError } from '../errors/errors.ts';
import type { ObjectInfo, ObjectStore } from '../ports/object-store.ts';
import { writeJsonLines } from '../repository/json-lines.ts';
import { restoreShardPath } from '../repository/layout.ts';
import type { IndexRow } from '../repository/library-index.ts';
import type { RestorePlan } from '../repository/restore-plan.ts';
import { cutIntoShards, type ShardLimits } from './cut-into-shards.ts';
import { joinSorted, strictlySorted } from './merge-sorted.ts';
import { isUnchanged } from './plan-backup.ts';
import { assertHeld, type SafetyIndex } from './safety-index.ts';
import { companyOf, type Wanted, type WantedRow, wantedRows } from './wanted-rows.ts';

export type RestoreTotals = Omit<RestorePlan, 'shards' | 'selection'>;

export interface RestoreRowsRequest {
  /** The backup's complete index. */
  readonly index: AsyncIterable<IndexRow>;
  readonly wanted: Wanted;
  readonly target: ObjectStore;
  /** Is an object that the target holds and the restored library does not to be removed? */
  readonly isOther: (key: string) => boolean;
  /** What is written over or removed must be held by it. */
  readonly safety: SafetyIndex;
  readonly signal: AbortSignal;
}

const namedKeys = 100;

/**
 * The rows that have to be copied, in key order, and, once they were all read, what the restore comes to. An object that
 * the target holds unchanged since the backup saw it stays where it is.
 */
export function planRestoreRows(request: RestoreRowsRequest): {
  readonly rows: AsyncGenerator<IndexRow>;
  readonly totals: RestoreTotals;
} {
  const { index, wanted, target, isOther, safety, signal } = request;
  const keys: string[] = [];
  const unseen = new Set(wanted.companies);
  const totals = {
    objects: 0,
    bytes: 0,
    copyObjects: 0,
    copyBytes: 0,
    removeObjects: 0,
    removeBytes: 0,
    leftOutObjects: 0,
    leftOutBytes: 0,
    notInBackup: { count: 0, keys },
  };

  function take(
    found: WantedRow | undefined,
    there: ObjectInfo | undefined,
    held: IndexRow | undefined,
  ): IndexRow | undefined {
    const row = found?.row !== undefined && found.isWanted ? found.row : undefined;
    if (row === undefined) {
      if (there !== undefined && isOther(there.key)) {
        assertHeld(there, held, safety);
        totals.removeObjects += 1;
        totals.removeBytes += there.size;
      }
      if (found === undefined) return undefined;
      if (found.row === undefined) {
        totals.notInBackup.count += 1;
        if (keys.length < namedKeys) keys.push(found.key);
      } else {
        totals.leftOutObjects += 1;
        totals.leftOutBytes += found.row.size;
      }
      return undefined;
    }
    totals.objects += 1;
    totals.bytes += row.size;
    unseen.delete(companyOf(row.key));
    if (there !== undefined && isUnchanged(there, row)) return undefined;
    if (there !== undefined) assertHeld(there, held, safety);
    totals.copyObjects += 1;
    totals.copyBytes += row.size;
    return row;
  }

  async function* rows(): AsyncGenerator<IndexRow> {
    const listing = strictlySorted(`the listing of ${target.location}`, target.list());
    const there = joinSorted(wantedRows(index, wanted), listing);
    for await (const { left, right: held } of joinSorted(there, safety.rows)) {
      signal.throwIfAborted();
      if (left === undefined) continue;
      const row = take(left.left, left.right, held);
      if (row !== undefined) yield row;
    }
    if (unseen.size > 0) throw noSuchCompany([...unseen]);
  }
  return { rows: rows(), totals };
}

function noSuchCompany(companies: readonly string[]): InvalidRequestError {
  return new InvalidRequestError(
    `The backup has no object of ${companies.join(', ')}: companies are named by their ids, which are the first part of a key.`,
    'restore.selectionEmpty',
  );
}

export interface RestorePlanRequest extends RestoreRowsRequest {
  readonly backups: ObjectStore;
  /** Of the environment, with its slash; paths of the plan are relative to it. */
  readonly prefix: string;
  /** `restores/{restoreId}/` */
  readonly folder: string;
  readonly limits: ShardLimits;
}

/** Writes the rows to be copied as shards beside the backups. Everything after it goes by these files. */
export async function planLibraryRestore(
  request: RestorePlanRequest,
): Promise<Omit<RestorePlan, 'selection'>> {
  const { backups, prefix, folder, limits, signal } = request;
  const { rows, totals } = planRestoreRows(request);
  const shards: RestorePlan['shards'] = [];
  for await (const shard of cutIntoShards(rows, limits, ({ size }) => ({ rows: 1, copyBytes: size }))) {
    shards.push(
      await writeJsonLines(backups, prefix, restoreShardPath(folder, shards.length), shard, signal),
    );
  }
  return { shards, ...totals };
}
