import { type Backup, IntegrityError, LcbError, ObjectNotFoundError, openManifest } from '@lcb/core';
import type { LocalProvider } from '@lcb/functions-local';
import type { ChecksMade } from './backup-document.ts';

/** Opens the manifest of a sealed backup. One that is gone or changed is something to be shown, not an error. */
export async function readChecks(
  { provider, trustedKeys }: LocalProvider,
  backup: Backup,
): Promise<ChecksMade> {
  if (backup.sealed === undefined) return { checks: [] };
  const { location } = backup.request.source.backups;
  try {
    const { value, sha256 } = await openManifest(
      provider.objectStore(location),
      backup.request,
      backup.runId,
      await trustedKeys(),
    );
    if (sha256 === backup.sealed.manifestSha256) return { checks: value.checks };
    return {
      manifestProblem: 'Its manifest is not the one that was sealed: another one was put in its place.',
    };
  } catch (error) {
    const isDamage =
      error instanceof IntegrityError || error instanceof ObjectNotFoundError || LcbError.isInstance(error);
    if (!isDamage) throw error;
    return { manifestProblem: error.message };
  }
}
