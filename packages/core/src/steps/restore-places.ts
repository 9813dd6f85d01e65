import { createHash } from 'node:crypto';
import { InvalidRequestError } from '../errors/errors.ts';
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

/** Where a restore writes the library. @throws InvalidRequestError where it names none */
export function libraryOf(restore: Restore): string {
  const { documentLibrary } = placesOf(restore);
  if (documentLibrary === undefined)
    throw new InvalidRequestError('The restore names no library to restore into.');
  return documentLibrary.location;
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
      : {
          documentLibrary: {
            location: besideLocation(documentLibrary.location, suffix.replaceAll('_', '-')),
          },
        }),
  };
}

/**
 * A location beside another one. Beside a whole bucket is none: a bucket of another name would have to be made.
 * @throws InvalidRequestError `restore.wholeBucket`
 */
export function besideLocation(location: string, suffix: string): string {
  if (!/^s3:\/\/[^/]+$/.test(location)) return location + suffix;
  throw new InvalidRequestError(
    `${location} is a whole bucket, and there is no place beside it. Name the target's library (--target-library, or in lcb.yaml), such as a prefix of a bucket, or restore in place.`,
    'restore.wholeBucket',
  );
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
