import type { EnvironmentRef } from '../model/ids.ts';
import type { ObjectInfo, ObjectStore } from '../ports/object-store.ts';
import { environmentPrefix } from '../repository/layout.ts';
import type { IndexRow } from '../repository/library-index.ts';
import type { Finding } from './check.ts';

/**
 * Content type, the user's own metadata and times of some objects: at the source, in the index, and with the stored copy
 * where its store keeps such things. The index is what a restore goes by. An object that was replaced or deleted at the
 * source since it was copied can't be compared with it any more.
 */
export async function compareMetadata(
  picked: readonly IndexRow[],
  stores: { readonly source: ObjectStore; readonly backups: ObjectStore; readonly ref: EnvironmentRef },
): Promise<Finding> {
  const { source, backups, ref } = stores;
  const problems: string[] = [];
  let changed = 0;
  for (const row of picked) {
    const differ = (where: string, names: readonly string[]) => {
      if (names.length > 0) problems.push(`${JSON.stringify(row.key)} ${where}: ${names.join(', ')}`);
    };
    const there = await source.head(row.key, row.version === undefined ? {} : { version: row.version });
    if (there?.etag !== row.etag) changed += 1;
    else differ('at the source', [...differences(row, there), ...timeDifference(row, there)]);
    const { path, version } = row.copy;
    const copy = await backups.head(environmentPrefix(ref) + path, version === undefined ? {} : { version });
    if (copy !== undefined) differ('as stored', differences(row, keptBy(copy, row)));
  }
  const gone = changed === 0 ? '' : `; ${changed} changed at the source since`;
  return {
    ok: problems.length === 0,
    expected: `content type, metadata and times of ${picked.length} random objects as at the source`,
    measured: problems.length === 0 ? `all preserved${gone}` : `different: ${problems.join('; ')}`,
  };
}

interface Described {
  readonly contentType?: string | undefined;
  readonly metadata?: Readonly<Record<string, string>> | undefined;
}

function differences(row: Described, other: Described): string[] {
  const names: string[] = [];
  if (row.contentType !== other.contentType) names.push('content type');
  const keys = new Set([...Object.keys(row.metadata ?? {}), ...Object.keys(other.metadata ?? {})]);
  for (const key of keys) if (row.metadata?.[key] !== other.metadata?.[key]) names.push(`metadata ${key}`);
  return names;
}

function timeDifference(row: IndexRow, other: ObjectInfo): string[] {
  return row.lastModified === other.lastModified ? [] : ['time'];
}

/** A store that keeps none answers without them, and one may answer with a default where none was given. */
function keptBy(copy: ObjectInfo, row: IndexRow): Described {
  return {
    contentType: row.contentType === undefined ? undefined : (copy.contentType ?? row.contentType),
    metadata: copy.metadata === undefined ? row.metadata : copy.metadata,
  };
}
