import { IntegrityError, ObjectNotFoundError, PreconditionFailedError } from '../errors/errors.ts';
import { LcbError } from '../errors/lcb-error.ts';
import type { LentObject, ObjectStore, StoredObject } from '../ports/object-store.ts';
import type { PlanRow, SourceObject } from '../repository/library-index.ts';
import { openLent } from './open-lent.ts';
import { sourceObject } from './plan-backup.ts';

export type CopyOutcome =
  | { readonly kind: 'copied'; readonly source: SourceObject; readonly stored: StoredObject }
  /** Gone since the listing: deleted while the library went on living. */
  | { readonly kind: 'vanished' };

/** An object that is replaced again and again while it is copied is tried this often. */
const replacedTries = 5;

/**
 * Copies one object as the listing showed it. When it was replaced meanwhile, the one that is there now is copied, and
 * the outcome says so by its own etag: what is recorded is always what was copied.
 */
export async function copyObject(
  source: ObjectStore,
  row: PlanRow,
  target: ObjectStore,
  targetKey: string,
  signal: AbortSignal,
): Promise<CopyOutcome> {
  let wanted = row;
  for (let tries = 0; tries < replacedTries; tries += 1) {
    const outcome = await copyAsListed(source, wanted, target, targetKey, signal);
    if (outcome !== 'replaced') return outcome;
    // A version that was asked for by its name is wanted, and no other.
    const now = await source.head(row.key, row.version === undefined ? {} : { version: row.version });
    if (now === undefined) return { kind: 'vanished' };
    if (row.version !== undefined && now.etag !== row.etag) return { kind: 'vanished' };
    wanted = row.version === undefined ? sourceObject(now) : { ...sourceObject(now), version: row.version };
  }
  throw new LcbError({
    code: 'library.unstable',
    message: `${JSON.stringify(row.key)} was replaced ${replacedTries} times while it was copied.`,
    retryable: true,
  });
}

async function copyAsListed(
  source: ObjectStore,
  row: PlanRow,
  target: ObjectStore,
  targetKey: string,
  signal: AbortSignal,
): Promise<CopyOutcome | 'replaced'> {
  const byServer = await copyByServer(source, row, target, targetKey, signal);
  if (byServer !== undefined) return byServer;
  let opened: LentObject;
  try {
    const version = row.version === undefined ? {} : { version: row.version };
    opened = await openLent(source, row.key, {
      size: row.size,
      ifMatch: row.etag,
      tags: true,
      ...version,
    });
  } catch (error) {
    return changeOf(error);
  }
  const { info, body } = opened;
  try {
    const stored = await target.put(targetKey, body, {
      lastModified: info.lastModified,
      size: info.size,
      lent: true,
      signal,
      ...(info.contentType === undefined ? {} : { contentType: info.contentType }),
      ...(info.metadata === undefined ? {} : { metadata: info.metadata }),
      ...(info.tags === undefined ? {} : { tags: info.tags }),
    });
    compareSize(source, row, stored.size);
    return { kind: 'copied', source: sourceObject(info), stored };
  } catch (error) {
    // What the target says is never about the source: an object is called gone only by the store that had it.
    if (error !== body.errored) throw error;
    return changeOf(error);
  } finally {
    body.destroy();
  }
}

/**
 * Copies without moving the bytes, where the target's server can. Content type, metadata and tags go with the copy and stay with it: nobody asks
 * for them, object by object, only to write them down. A listing of all copies before the seal shows their sizes.
 */
async function copyByServer(
  source: ObjectStore,
  row: PlanRow,
  target: ObjectStore,
  targetKey: string,
  signal: AbortSignal,
): Promise<CopyOutcome | 'replaced' | undefined> {
  if (target.copyFrom === undefined) return undefined;
  let stored: StoredObject | undefined;
  try {
    stored = await target.copyFrom(source, row.key, targetKey, {
      size: row.size,
      ifMatch: row.etag,
      signal,
      ...(row.version === undefined ? {} : { version: row.version }),
    });
  } catch (error) {
    // It may be the operation or the target that is not there. An object is called gone by the store that had it, or read after all.
    const isThere = error instanceof ObjectNotFoundError && (await holds(source, row));
    return isThere ? undefined : changeOf(error);
  }
  if (stored === undefined) return undefined;
  compareSize(source, row, stored.size);
  const { key, size, etag, version, lastModified } = row;
  const listed = { key, size, etag, lastModified, ...(version === undefined ? {} : { version }) };
  return { kind: 'copied', source: listed, stored };
}

async function holds(source: ObjectStore, { key, version }: PlanRow): Promise<boolean> {
  return (await source.head(key, version === undefined ? {} : { version })) !== undefined;
}

function compareSize(source: ObjectStore, row: PlanRow, size: number): void {
  if (size === row.size) return;
  throw new IntegrityError(
    `${JSON.stringify(row.key)} has ${row.size} bytes by the listing of ${source.location}, but ${size} were read.`,
  );
}

/** What a failure to read the source says about the object; throws it where it says nothing. */
function changeOf(error: unknown): CopyOutcome | 'replaced' {
  if (error instanceof ObjectNotFoundError) return { kind: 'vanished' };
  if (error instanceof PreconditionFailedError) return 'replaced';
  throw error;
}
