import { type Backup, LcbError, openManifest, readCertificate, readStanding } from '@lcb/core';
import type { LocalProvider } from '@lcb/functions-local';
import type { MadeBeforeSeal } from './backup-document.ts';
import type { VerifiedStanding } from './verified-view.ts';

/**
 * Opens the manifest of a sealed backup, and the certificate that hangs from it. One that is gone or changed is something
 * to be shown, not an error.
 */
export async function readMade(
  { provider, trustedKeys }: LocalProvider,
  backup: Backup,
): Promise<MadeBeforeSeal> {
  if (backup.sealed === undefined) return { checks: [], certificate: null };
  const store = provider.objectStore(backup.request.source.backups.location);
  try {
    const { value, sha256 } = await openManifest(store, backup.request, backup.runId, await trustedKeys());
    if (sha256 === backup.sealed.manifestSha256) {
      const certificate = await readCertificate(store, backup.request, value);
      const { strategy, whyNotExact = null } = value.consistency;
      return { checks: value.checks, certificate: certificate ?? null, consistency: strategy, whyNotExact };
    }
    return {
      manifestProblem: 'Its manifest is not the one that was sealed: another one was put in its place.',
    };
  } catch (error) {
    if (!LcbError.isInstance(error)) throw error;
    return { manifestProblem: error.message };
  }
}

/** What the records beside it say of its verifications. Where they can't be read, {@link readMade} has said so. */
export async function readVerified(
  { provider, trustedKeys }: LocalProvider,
  backup: Backup,
): Promise<VerifiedStanding> {
  if (backup.sealed === undefined) return {};
  const store = provider.objectStore(backup.request.source.backups.location);
  try {
    const { projectId, environment } = backup.request;
    const found = await readStanding(store, { projectId, environment }, backup.runId, await trustedKeys());
    return found.standing;
  } catch (error) {
    if (!LcbError.isInstance(error)) throw error;
    return {};
  }
}
