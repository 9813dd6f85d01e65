import {
  backupPrefix,
  type Compression,
  type DatabaseDump,
  type DumpPart,
  dumpPartBytes,
  type EnvironmentRef,
  type IndexRow,
  manifestKey,
  type ObjectStore,
  readBytes,
  readCopy,
  readIndex,
} from '@lcb/core';
import type { DownloadItem } from './download-item.ts';
import { libraryTar } from './library-tar.ts';
import type { OpenedBackup } from './open-backup.ts';
import { type PlacedRow, placeRows } from './place-rows.ts';

export interface ItemsRequest {
  readonly backup: OpenedBackup;
  /** Why the folder can't hold a file of this path. */
  readonly refuses: (path: string) => string | undefined;
  /** The library as one tar archive instead of a folder. */
  readonly archive: boolean;
  /** The dump as it is stored instead of plain. */
  readonly compressed: boolean;
  /** Some keys can't be paths: see {@link placeRows}. */
  readonly hasEscaped: boolean;
  readonly concurrency: number;
  readonly signal: AbortSignal;
}

/** Every file of a download, always in the same order: manifest, dump, keys, library. */
export async function* backupItems(request: ItemsRequest): AsyncGenerator<DownloadItem> {
  const { backup } = request;
  const { store, ref, backupId, manifest, dump } = backup;
  yield {
    path: 'manifest.json',
    sha256: backup.manifestSha256,
    body: () => manifestBytes(store, ref, backupId),
  };
  if (dump !== undefined) yield* dumpItems(request, dump);
  if (manifest.units.documentLibrary === undefined) return;
  if (request.hasEscaped) yield { path: 'keys.jsonl', body: () => keyLines(placed(request)) };
  if (request.archive) yield { path: 'library.tar', body: () => tarBody(request) };
  for await (const { row, path, escaped } of placed(request)) {
    if (request.archive && !escaped) continue;
    yield {
      path,
      size: row.size,
      sha256: row.checksum.value,
      lastModified: row.lastModified,
      body: () => readCopy(store, ref, row),
    };
  }
}

export function placed({
  backup,
  refuses,
}: Pick<ItemsRequest, 'backup' | 'refuses'>): AsyncIterable<PlacedRow> {
  return placeRows(readIndex(backup.store, backup.ref, backup.manifest), refuses);
}

async function* manifestBytes(store: ObjectStore, ref: EnvironmentRef, backupId: string) {
  yield await readBytes(store, manifestKey(ref, backupId));
}

/**
 * One file, or one for each database where a dump has several. Compressed parts one after the other are one compressed
 * file, in both formats.
 */
function* dumpItems(
  { backup, compressed, signal }: ItemsRequest,
  dump: DatabaseDump,
): Generator<DownloadItem> {
  const { store, ref, backupId } = backup;
  const prefix = backupPrefix(ref, backupId);
  const bySchema = Map.groupBy(dump.parts, ({ schema }) => schema);
  for (const [schema, parts] of bySchema) {
    const [first, ...others] = parts;
    if (first === undefined) continue;
    const path =
      schema === undefined || bySchema.size === 1
        ? 'database.sql'
        : `database/${encodeURIComponent(schema)}.sql`;
    yield {
      path: compressed ? path + suffixes[first.compression] : path,
      size: sum(parts.map((part) => (compressed ? part.bytes : part.uncompressedBytes))),
      ...(others.length > 0 ? {} : { sha256: compressed ? first.sha256 : first.uncompressedSha256 }),
      body: () => joined(store, prefix, parts, compressed, signal),
    };
  }
}

const suffixes: Readonly<Record<Compression, string>> = { zstd: '.zst', gzip: '.gz' };

async function* joined(
  store: ObjectStore,
  prefix: string,
  parts: readonly DumpPart[],
  compressed: boolean,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  for (const part of parts)
    yield* dumpPartBytes(store, prefix, part, compressed ? 'stored' : 'plain', signal);
}

async function* keyLines(rows: AsyncIterable<PlacedRow>): AsyncGenerator<Uint8Array> {
  for await (const { row, path, escaped } of rows) {
    if (!escaped) continue;
    const { key, size, lastModified, checksum } = row;
    yield Buffer.from(`${JSON.stringify({ key, path, size, lastModified, sha256: checksum.value })}\n`);
  }
}

function tarBody(request: ItemsRequest): AsyncGenerator<Uint8Array> {
  const { store: backups, ref } = request.backup;
  return libraryTar(plainRows(placed(request)), { backups, ref }, request.concurrency);
}

async function* plainRows(rows: AsyncIterable<PlacedRow>): AsyncGenerator<IndexRow> {
  for await (const { row, escaped } of rows) if (!escaped) yield row;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
