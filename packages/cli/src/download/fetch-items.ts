import { createHash } from 'node:crypto';
import { IntegrityError, mapOrdered, ObjectNotFoundError, type ObjectStore } from '@lcb/core';
import type { ChecksumLine } from './checksum-file.ts';
import type { DownloadItem } from './download-item.ts';
import type { DownloadJournal } from './download-journal.ts';

export interface FetchRequest {
  readonly items: AsyncIterable<DownloadItem>;
  /** The folder that is filled. */
  readonly target: ObjectStore;
  readonly journal: Pick<DownloadJournal, 'earlier' | 'add'>;
  readonly concurrency: number;
  readonly signal: AbortSignal;
  /** Told of every byte that is there, fetched now or before. */
  readonly onBytes: (bytes: number) => void;
}

export interface Fetched {
  readonly files: number;
  readonly bytes: number;
  /** Those that an earlier run had fetched. */
  readonly keptFiles: number;
  /** What is damaged in the backup, and so was not written: the first 100. */
  readonly problems: readonly string[];
  readonly problemCount: number;
}

const namedProblems = 100;

type Taken =
  | { readonly path: string; readonly sha256: string; readonly size: number; readonly kept: boolean }
  | { readonly problem: string };

/**
 * Puts every item into the folder, unless it is there and whole. A file appears under its name only when all of its bytes
 * have passed their check. What is damaged in the backup is left out and named, and the others are fetched all the same.
 */
export async function fetchItems(request: FetchRequest): Promise<Fetched> {
  const problems: string[] = [];
  const counts = { files: 0, bytes: 0, keptFiles: 0, problemCount: 0 };
  const pairs = withEarlier(request.items, request.journal.earlier());
  for await (const taken of mapOrdered(pairs, request.concurrency, (pair) => take(pair, request))) {
    if ('problem' in taken) {
      counts.problemCount += 1;
      if (problems.length < namedProblems) problems.push(taken.problem);
      continue;
    }
    await request.journal.add(taken);
    counts.files += 1;
    counts.bytes += taken.size;
    if (taken.kept) counts.keptFiles += 1;
  }
  return { ...counts, problems };
}

interface Pair {
  readonly item: DownloadItem;
  readonly earlier: ChecksumLine | undefined;
}

/** Both come in the same order; what the earlier run did not come to, or left out, has no line. */
async function* withEarlier(
  items: AsyncIterable<DownloadItem>,
  lines: AsyncIterable<ChecksumLine>,
): AsyncGenerator<Pair> {
  const earlier = lines[Symbol.asyncIterator]();
  try {
    let line = await earlier.next();
    for await (const item of items) {
      const known = !line.done && line.value.path === item.path ? line.value : undefined;
      yield { item, earlier: known };
      if (known !== undefined) line = await earlier.next();
    }
  } finally {
    await earlier.return?.();
  }
}

async function take({ item, earlier }: Pair, request: FetchRequest): Promise<Taken> {
  const { target, signal, onBytes } = request;
  signal.throwIfAborted();
  const { path, lastModified } = item;
  const kept = await findWhole(item, earlier, request);
  if (kept !== undefined) {
    onBytes(kept.size);
    return { path, ...kept, kept: true };
  }
  try {
    const stored = await target.put(path, counted(item.body(), onBytes), {
      signal,
      ...(lastModified === undefined ? {} : { lastModified }),
    });
    return { path, sha256: stored.checksum.value, size: stored.size, kept: false };
  } catch (error) {
    if (!(error instanceof IntegrityError || error instanceof ObjectNotFoundError)) throw error;
    return { problem: `${path}: ${error.message}` };
  }
}

/**
 * The file as it is there, if it is the one that is wanted. A file that was written down with the right hash, and has kept
 * size and time since, is believed; any other is read.
 */
async function findWhole(
  { path, size, sha256, lastModified }: DownloadItem,
  earlier: ChecksumLine | undefined,
  { target, signal }: FetchRequest,
): Promise<{ readonly sha256: string; readonly size: number } | undefined> {
  const info = await target.head(path);
  if (info === undefined || (size !== undefined && info.size !== size)) return undefined;
  const wanted = sha256 ?? earlier?.sha256;
  if (wanted === undefined) return undefined;
  const found = { sha256: wanted, size: info.size };
  const isUntouched = lastModified !== undefined && info.lastModified === lastModified;
  if (earlier?.sha256 === wanted && isUntouched) return found;
  const hash = createHash('sha256');
  const { body } = await target.get(path);
  for await (const chunk of body) {
    signal.throwIfAborted();
    hash.update(chunk);
  }
  return hash.digest('hex') === wanted ? found : undefined;
}

async function* counted(
  body: AsyncIterable<Uint8Array>,
  onBytes: (bytes: number) => void,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of body) {
    onBytes(chunk.length);
    yield chunk;
  }
}
