import { access, constants, stat } from 'node:fs/promises';
import { LcbError } from '@lcb/core';
import { unless } from '../files/error-code.ts';
import type { Root } from './root.ts';
import { asStoreError } from './store-error.ts';

/** Whether the root is a folder that can be read. A link that leads nowhere is a disk that is not mounted. */
export async function probeRoot(root: Root): Promise<void> {
  await asStoreError(root.location, '', async () => {
    const found = await unless(['ENOENT', 'ENOTDIR'], stat(root.path));
    if (found === undefined) throw missing(root, 'does not exist. Correct the path, or mount the disk');
    if (!found.isDirectory()) throw missing(root, 'is not a folder. Name the folder');
    await access(root.path, constants.R_OK | constants.X_OK);
  });
}

function missing(root: Root, problem: string): LcbError {
  return new LcbError({
    code: 'objectStore.locationMissing',
    message: `${root.location} ${problem} that holds the objects.`,
  });
}
