import type { Environment } from '@lcb/core';
import type { LocalProvider } from '@lcb/functions-local';
import { findInLocation } from '../download/open-backup.ts';

/** Where a backup lies that is verified, and of which environment it is. */
export type VerifiedPlace = Pick<Environment, 'projectId' | 'environment' | 'backups'>;

/** What a location holds need not be of an environment that lcb.yaml declares. */
export async function placeOf(
  { provider }: LocalProvider,
  location: string,
  backupId: string,
): Promise<VerifiedPlace> {
  const { ref } = await findInLocation(provider.objectStore(location), backupId);
  return { ...ref, backups: { location } };
}
