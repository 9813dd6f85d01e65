import { mkdir, readdir, readFile, statfs, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { InvalidRequestError } from '@lcb/core';
import { z } from 'zod';

const markName = '.lcb-download.json';

/** Which download a folder is for: a repeated one goes on, another one is refused. */
const markSchema = z.object({
  format: z.literal('lcb-download'),
  version: z.literal(1),
  backupId: z.string(),
  manifestSha256: z.string(),
  units: z.array(z.string()),
  archive: z.boolean(),
  compressed: z.boolean(),
});
export type DownloadMark = z.infer<typeof markSchema>;

export type FolderState = 'new' | 'resumed' | 'occupied';

/** May this download write there? Only into a folder that is new or empty, or that it has begun to fill before. */
export async function folderState(folder: string, wanted: DownloadMark): Promise<FolderState> {
  const names = await orMissing(readdir(folder));
  if (names === undefined || names.length === 0) return 'new';
  const text = await orMissing(readFile(join(folder, markName), 'utf8'));
  const mark = markSchema.safeParse(text === undefined ? undefined : json(text));
  return mark.success && JSON.stringify(mark.data) === JSON.stringify(wanted) ? 'resumed' : 'occupied';
}

export function occupied(folder: string): InvalidRequestError {
  return new InvalidRequestError(
    `${folder} holds something else than the beginning of this very download. Name a new or an empty folder.`,
    'download.folderOccupied',
  );
}

export async function markFolder(folder: string, mark: DownloadMark): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, markName), `${JSON.stringify(markSchema.parse(mark))}\n`);
}

/** Bytes that may still be written where the folder is or will be. */
export async function freeBytes(folder: string): Promise<number> {
  const stats = await orMissing(statfs(folder));
  if (stats !== undefined) return stats.bavail * stats.bsize;
  return freeBytes(dirname(folder));
}

async function orMissing<T>(looked: Promise<T>): Promise<T | undefined> {
  try {
    return await looked;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
