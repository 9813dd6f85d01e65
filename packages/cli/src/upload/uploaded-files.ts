import { open, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type DumpFormat, isZstd, type Upload } from '@lcb/core';
import { UsageError } from '../usage-error.ts';

/** What is told by the first bytes of a file; a tar archive says so after 257 of them. */
const looked = 264;

/** @throws UsageError where there is no such file */
export async function dumpToUpload(
  given: string,
  format: DumpFormat | undefined,
  workingDirectory: string,
): Promise<NonNullable<Upload['dump']>> {
  const path = resolve(workingDirectory, given);
  const kind = await kindOf(path, '--dump');
  if (kind === 'folder') {
    throw new UsageError(
      `--dump ${given} is a folder. A dump in pg_dump's directory format has to be made SQL first: pg_restore --file=dump.sql ${given}`,
    );
  }
  return { path, format: format ?? (await formatOf(path)) };
}

/** A folder is read in place, a file is an archive. @throws UsageError where there is neither */
export async function libraryToUpload(
  given: string,
  workingDirectory: string,
): Promise<NonNullable<Upload['library']>> {
  const path = resolve(workingDirectory, given);
  const kind = await kindOf(path, '--library');
  return kind === 'folder' ? { location: pathToFileURL(path).href } : { archive: path };
}

async function kindOf(path: string, flag: string): Promise<'file' | 'folder'> {
  try {
    const stats = await stat(path);
    if (stats.isDirectory()) return 'folder';
    if (stats.isFile()) return 'file';
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code !== 'ENOENT' && code !== 'ENOTDIR' && code !== 'EACCES') throw error;
    throw new UsageError(`${flag} ${path} ${code === 'EACCES' ? "can't be read" : 'does not exist'}.`);
  }
  throw new UsageError(`${flag} ${path} is neither a file nor a folder.`);
}

async function formatOf(path: string): Promise<DumpFormat> {
  await using file = await open(path);
  const { buffer, bytesRead } = await file.read(Buffer.alloc(looked), 0, looked, 0);
  const bytes = buffer.subarray(0, bytesRead);
  if (bytes.toString('hex', 0, 2) === '1f8b') return 'gzip';
  if (isZstd(bytes)) return 'zstd';
  if (bytes.toString('latin1', 0, 5) === 'PGDMP') return 'custom';
  return bytes.toString('latin1', 257, 262) === 'ustar' ? 'tar' : 'plain';
}
