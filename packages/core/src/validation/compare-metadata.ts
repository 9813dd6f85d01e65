import { isDescribed } from '../library/description-of.ts';
import type { EnvironmentRef } from '../model/ids.ts';
import type { ObjectInfo, ObjectStore } from '../ports/object-store.ts';
import { environmentPrefix } from '../repository/layout.ts';
import type { IndexRow } from '../repository/library-index.ts';
import type { Finding } from './check.ts';

/**
 * Content type, the user's own metadata, tags and times of some objects: at the source, in the index where it knows them, and with the
 * stored copy where its store keeps such things. A restore goes by the index, else by the copy. An object that was replaced or deleted at the
 * source since it was copied can't be compared with it any more.
 */
export async function compareMetadata(
  picked: readonly IndexRow[],
  stores: {
    readonly source: ObjectStore;
    readonly backups: ObjectStore;
    readonly ref: EnvironmentRef;
    /** Were versions copied, of which some are not the current ones? */
    readonly isExact: boolean;
  },
): Promise<Finding> {
  const { source, backups, ref, isExact } = stores;
  const problems: string[] = [];
  /**
   * Tags may be changed without the object being another one: an incremental backup can't notice, and is good all the same. And there
   * are servers that give a version another time once it is replaced.
   */
  const mayDiffer: string[] = [];
  let changed = 0;
  for (const row of picked) {
    const differ = (of: string[], where: string, names: readonly string[]) => {
      if (names.length > 0) of.push(`${JSON.stringify(row.key)} ${where}: ${names.join(', ')}`);
    };
    const there = await source.head(row.key, options(row.version));
    const isThere = there?.etag === row.etag;
    if (!isThere) changed += 1;
    else differ(isExact ? mayDiffer : problems, 'at the source', timeDifference(row, there));
    if (isThere && isDescribed(row)) {
      differ(problems, 'at the source', differences(row, there));
      differ(mayDiffer, 'at the source', names('tag', row.tags, there.tags));
    }
    const copy = await backups.head(environmentPrefix(ref) + row.copy.path, options(row.copy.version));
    // What the index does not know went with the copy, which must be as the source.
    const wanted = isDescribed(row) ? row : isThere ? there : undefined;
    if (copy === undefined || wanted === undefined) continue;
    differ(problems, 'as stored', differences(wanted, keptBy(copy, wanted)));
    // A store that keeps metadata answers with some, if only with none of it, and keeps tags too.
    if (copy.metadata !== undefined) differ(mayDiffer, 'as stored', names('tag', wanted.tags, copy.tags));
  }
  const different = [...problems, ...mayDiffer];
  const gone = changed === 0 ? '' : `; ${changed} changed at the source since`;
  return {
    ok: different.length === 0,
    ...(problems.length === 0 && mayDiffer.length > 0 ? { severity: 'warns' as const } : {}),
    expected: `content type, metadata, tags and times of ${picked.length} random objects as at the source`,
    measured: different.length === 0 ? `all preserved${gone}` : `different: ${different.join('; ')}`,
  };
}

function options(version: string | undefined) {
  return { tags: true, ...(version === undefined ? {} : { version }) };
}

interface Described {
  readonly contentType?: string | undefined;
  readonly metadata?: Readonly<Record<string, string>> | undefined;
}

function differences(row: Described, other: Described): string[] {
  const contentType = row.contentType === other.contentType ? [] : ['content type'];
  return [...contentType, ...names('metadata', row.metadata, other.metadata)];
}

function names(what: string, one: Described['metadata'] = {}, other: Described['metadata'] = {}): string[] {
  const keys = new Set([...Object.keys(one), ...Object.keys(other)]);
  return [...keys].filter((key) => one[key] !== other[key]).map((key) => `${what} ${key}`);
}

/** To the second: some stores show less in a listing than in a description, or the other way round. */
function timeDifference(row: IndexRow, other: ObjectInfo): string[] {
  const [here, there] = [row, other].map(({ lastModified }) => Math.floor(Date.parse(lastModified) / 1000));
  return here === there ? [] : ['time'];
}

/** A store that keeps none answers without them, and one may answer with a default where none was given. */
function keptBy(copy: ObjectInfo, row: Described): Described {
  return {
    contentType: row.contentType === undefined ? undefined : (copy.contentType ?? row.contentType),
    metadata: copy.metadata === undefined ? row.metadata : copy.metadata,
  };
}
