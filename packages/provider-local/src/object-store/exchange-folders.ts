import { access, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ExchangeRequest } from '@lcb/core';
import { errorCode, unless } from '../files/error-code.ts';
import { syncDirectory } from '../files/sync-directory.ts';
import { asStoreError } from './store-error.ts';

/**
 * Lets folders change their names: the current one is kept under another, the restored one becomes the current one. Each
 * rename happens whole or not at all, so a repeated call sees how far an earlier one came. `false` where one of them lies
 * on another disk or is a mount point itself, which no rename moves.
 */
export async function exchangeFolders(request: ExchangeRequest<string>): Promise<boolean> {
  const [current, restored, kept] = [request.current, request.restored, request.kept].map((location) =>
    fileURLToPath(location),
  );
  if (current === undefined || restored === undefined || kept === undefined) return false;
  return asStoreError(request.current, '', async () => {
    if (!(await exists(restored))) return true;
    const isKept = await exists(kept);
    if (!isKept && (await exists(current)) && !(await moved(current, kept))) return false;
    if (await moved(restored, current)) return true;
    if (!(await exists(current)) && (await exists(kept))) await moved(kept, current);
    return false;
  });
}

async function exists(path: string): Promise<boolean> {
  return (
    (await unless(
      ['ENOENT', 'ENOTDIR'],
      access(path).then(() => true),
    )) ?? false
  );
}

async function moved(from: string, to: string): Promise<boolean> {
  try {
    await rename(from, to);
  } catch (error) {
    if (['EXDEV', 'EBUSY'].includes(errorCode(error) ?? '')) return false;
    throw error;
  }
  for (const folder of new Set([dirname(from), dirname(to)])) await syncDirectory(folder);
  return true;
}
