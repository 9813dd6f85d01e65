import { isGeneratedFile } from '../library/generated-files.ts';
import { joinSorted, strictlySorted } from '../library/merge-sorted.ts';
import type { ObjectInfo, ObjectStore } from '../ports/object-store.ts';
import type { IndexRow } from '../repository/library-index.ts';
import type { Finding } from './check.ts';

export interface SourceComparison {
  readonly source: ObjectStore;
  /** The objects of an exact moment, chosen once more, instead of what a listing shows now. */
  readonly exact?: {
    readonly objects: AsyncIterable<ObjectInfo>;
    /** How many were there before the moment and have no version now; asked for at the end. */
    readonly lost: () => number;
  };
  readonly rows: AsyncIterable<IndexRow>;
  /** Generated files were left out of the backup. */
  readonly excludeGeneratedFiles: boolean;
  /** What is of a later time than this came meanwhile: RFC 3339, give or take what clocks may differ. */
  readonly since: string;
  /** Part of count and bytes that may differ unexplained. */
  readonly threshold: number;
  readonly signal: AbortSignal;
}

/** How far the clocks of service and source may be apart: what most stores' request signing allows, too. */
const clockAllowance = 15 * 60 * 1000;

/**
 * Lists the source a second time and holds it against the index. What was written after the first listing came
 * meanwhile, what is gone went meanwhile; an OLD object that the index lacks, or has with another size, was not copied
 * although it was there: a listing that lies is found here. An old one that came meanwhile looks the same.
 */
export async function compareWithSource(comparison: SourceComparison): Promise<Finding> {
  const { source, rows, threshold, signal } = comparison;
  const { exact } = comparison;
  const objects = exact?.objects ?? source.list();
  const since = Date.parse(comparison.since) - clockAllowance;
  const total = { objects: 0, bytes: 0 };
  const unexplained = { objects: 0, bytes: 0 };
  const meanwhile = { came: 0, went: 0, changed: 0 };
  let example: string | undefined;
  const listing = strictlySorted(`the listing of ${source.location}`, objects);
  for await (const { key, left: row, right: info } of joinSorted(rows, listing)) {
    signal.throwIfAborted();
    if (info === undefined) {
      meanwhile.went += 1;
      continue;
    }
    if (row === undefined && comparison.excludeGeneratedFiles && isGeneratedFile(key)) continue;
    total.objects += 1;
    total.bytes += info.size;
    if (row !== undefined && isSame(row, info)) continue;
    if (Date.parse(info.lastModified) >= since) {
      if (row === undefined) meanwhile.came += 1;
      else meanwhile.changed += 1;
      continue;
    }
    unexplained.objects += 1;
    unexplained.bytes += Math.abs(info.size - (row?.size ?? 0));
    example ??= key;
  }
  const lost = exact?.lost() ?? 0;
  unexplained.objects += lost;
  const { came, went, changed } = meanwhile;
  return {
    ok: unexplained.objects <= threshold * total.objects && unexplained.bytes <= threshold * total.bytes,
    expected: `all of the source as it is now: ${total.objects} objects, ${total.bytes} bytes, less what came meanwhile${threshold === 0 ? '' : `, within ${threshold * 100} %`}`,
    measured:
      unexplained.objects === 0
        ? `nothing missing; meanwhile ${came} came, ${went} went, ${changed} changed`
        : `${unexplained.objects} objects of ${unexplained.bytes} bytes differ${example === undefined ? '' : `, such as ${JSON.stringify(example)}`}${lost === 0 ? '' : `; of ${lost} of them, listed before, there is no version`}`,
  };
}

function isSame(row: IndexRow, info: ObjectInfo): boolean {
  const isOfOneVersion =
    row.version === undefined || info.version === undefined || row.version === info.version;
  return row.size === info.size && isOfOneVersion;
}
