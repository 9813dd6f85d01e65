import { IntegrityError, ObjectNotFoundError } from '../errors/errors.ts';
import { isCopyOf, listCopies, readIndex, type StoredCopy } from '../library/base.ts';
import { mapOrdered } from '../library/map-ordered.ts';
import { groupSorted, joinSorted, mergeSorted, strictlySorted } from '../library/merge-sorted.ts';
import { checkCopy } from '../library/restore-part.ts';
import type { EnvironmentRef } from '../model/ids.ts';
import type { ObjectStore } from '../ports/object-store.ts';
import { backupIdOfCopy, environmentPrefix } from '../repository/layout.ts';
import type { IndexRow } from '../repository/library-index.ts';
import type { Manifest } from '../repository/manifest.ts';

export interface CopiesRequest {
  readonly store: ObjectStore;
  readonly ref: EnvironmentRef;
  /** Backups whose indexes are known to be whole. */
  readonly manifests: readonly Manifest[];
  /** Is this object's copy read for this backup? If not, presence and size in a listing are enough. */
  readonly isRead: (backupId: string, key: string) => boolean;
  readonly concurrency: number;
  readonly signal: AbortSignal;
  readonly onRead: (bytes: number) => void;
  /** Told for each backup, once for each of its objects. */
  readonly onLookedAt?: (backupId: string, wasRead: boolean) => void;
  /** Told for each backup that needs the copy. */
  readonly onFault: (backupId: string, text: string) => void;
  /** A file among the copies of a backup that no index refers to. */
  readonly onStranger: (backupId: string, path: string) => void;
}

interface NamedRow {
  readonly key: string;
  readonly backupId: string;
  readonly row: IndexRow;
}

/**
 * The copies that many backups need, each looked at once, however many backups share it: all indexes and all listings
 * are merged by key, as streams.
 */
export async function verifyCopies(request: CopiesRequest): Promise<void> {
  const { store, ref, manifests, concurrency, signal } = request;
  const own = new Set(manifests.map(({ backupId }) => backupId));
  const folders = new Set([
    ...own,
    ...manifests.flatMap(({ units }) => units.documentLibrary?.references ?? []),
  ]);
  const rows = groupSorted(mergeSorted(manifests.map((manifest) => named(store, ref, manifest))));
  const copies = strictlySorted('the listing of copies', groupSorted(listCopies(store, ref, [...folders])));
  const pairs = joinSorted(rows, copies);
  const looked = mapOrdered(pairs, concurrency, async ({ left, right }) => {
    signal.throwIfAborted();
    const infos = right?.members.map(({ info }) => info) ?? [];
    const needing = left?.members ?? [];
    tellStrangers(request, own, needing, infos);
    await lookAtCopies(request, needing, infos);
  });
  for await (const _done of looked) {
    // Each was told on its way.
  }
}

async function* named(store: ObjectStore, ref: EnvironmentRef, manifest: Manifest): AsyncGenerator<NamedRow> {
  const { backupId } = manifest;
  for await (const row of readIndex(store, ref, manifest)) yield { key: row.key, backupId, row };
}

function tellStrangers(
  { ref, onStranger }: CopiesRequest,
  own: ReadonlySet<string>,
  rows: readonly NamedRow[],
  infos: readonly StoredCopy['info'][],
): void {
  const needed = new Set(rows.map(({ row }) => row.copy.path));
  for (const { key } of infos) {
    const path = key.slice(environmentPrefix(ref).length);
    const backupId = backupIdOfCopy(path);
    if (backupId !== undefined && own.has(backupId) && !needed.has(path)) onStranger(backupId, path);
  }
}

/** Rows that agree in everything about the copy are one look at it. */
async function lookAtCopies(
  request: CopiesRequest,
  rows: readonly NamedRow[],
  infos: readonly StoredCopy['info'][],
): Promise<void> {
  const alike = Map.groupBy(rows, ({ row: { copy, size, checksum } }) =>
    JSON.stringify([copy.path, copy.version, size, checksum.value]),
  );
  for (const needing of alike.values()) {
    const [first] = needing;
    if (first === undefined) continue;
    const isRead = needing.some(({ backupId, key }) => request.isRead(backupId, key));
    const fault = await faultOf(request, first.row, isRead, infos);
    for (const { backupId } of needing) request.onLookedAt?.(backupId, isRead);
    if (fault !== undefined) for (const { backupId } of needing) request.onFault(backupId, fault);
  }
}

async function faultOf(
  { store, ref, signal, onRead }: CopiesRequest,
  row: IndexRow,
  isRead: boolean,
  infos: readonly StoredCopy['info'][],
): Promise<string | undefined> {
  try {
    if (isRead) {
      await checkCopy(store, ref, row, (bytes) => {
        signal.throwIfAborted();
        onRead(bytes);
      });
      return undefined;
    }
    if (infos.some((info) => isCopyOf(row, ref, info))) return undefined;
    const key = environmentPrefix(ref) + row.copy.path;
    const { version } = row.copy;
    // Older versions, and copies under a hash of their key, are in no listing by key.
    const info = await store.head(key, version === undefined ? {} : { version });
    if (info === undefined) throw new ObjectNotFoundError(store.location, key);
    return info.size === row.size ? undefined : `${key} has ${info.size} bytes instead of ${row.size}.`;
  } catch (error) {
    if (!(error instanceof IntegrityError || error instanceof ObjectNotFoundError)) throw error;
    return error.message;
  }
}
