import { createHash } from 'node:crypto';
import { type DatabaseConnection, databaseName } from '../model/project.ts';
import type { Restore, RestoreTarget } from '../model/run.ts';

/** Where a restore writes a database and a library. */
export type Places = Pick<RestoreTarget, 'database' | 'documentLibrary'>;

/** PostgreSQL cuts longer names off without a word; MySQL refuses them (64). */
const maxDatabaseName = 63;

/** The target itself, or, for a swap, places beside it that bear this run's mark in their names. */
export function placesOf({ runId, request }: Restore): Places {
  const { target, mode } = request;
  return mode === 'swap' ? renamed(target, `_new_${shortHash(runId)}`) : target;
}

/** Where a swap keeps what was in the target's place. */
export function keptPlaces({ runId, request }: Restore): Places {
  return renamed(request.target, `_old_${shortHash(runId)}`);
}

function renamed({ database, documentLibrary }: RestoreTarget, suffix: string): Places {
  return {
    ...(database === undefined ? {} : { database: { ...database, url: renamedDatabase(database, suffix) } }),
    ...(documentLibrary === undefined
      ? {}
      : { documentLibrary: { location: documentLibrary.location + suffix.replaceAll('_', '-') } }),
  };
}

function renamedDatabase({ url }: DatabaseConnection, suffix: string): string {
  const renamedUrl = new URL(url);
  const name = [...databaseName(url)];
  // A character may be several bytes, and half of one is none.
  while (Buffer.byteLength(name.join('') + suffix) > maxDatabaseName) name.pop();
  renamedUrl.pathname = `/${encodeURIComponent(name.join('') + suffix)}`;
  return renamedUrl.href;
}

function shortHash(runId: string): string {
  return createHash('sha256').update(runId).digest('hex').slice(0, 8);
}
