import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Verification, verifyBackup } from '@lcb/core';
import type { LocalService } from '@lcb/functions-local';
import { type PlacedEnvironment, project } from './local-fixture.ts';

/** Reads every byte of a backup, trusting the service's own keys. */
export async function verify(
  service: LocalService,
  source: PlacedEnvironment,
  backupId: string,
  location: string = source.environment.backups.location,
): Promise<Verification> {
  return verifyBackup({
    store: service.provider.objectStore(location),
    backup: { projectId: project, environment: source.environment.environment, backupId },
    trustedKeys: await service.trustedKeys(),
    concurrency: 8,
    signal: new AbortController().signal,
    onProgress: () => undefined,
  });
}

/** Every file below a folder, by paths relative to it; the store's own working folder too, if anything is left in it. */
export async function filesBelow(folder: string): Promise<readonly string[]> {
  if (!existsSync(folder)) return [];
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}

export function folderOf(location: string): string {
  return fileURLToPath(location);
}
