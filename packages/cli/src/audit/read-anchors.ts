import { type AuditAnchor, type Environment, environmentRef, IntegrityError, readRecords } from '@lcb/core';
import type { LocalProvider } from '@lcb/functions-local';

export interface Anchors {
  readonly anchors: readonly AuditAnchor[];
  /** Locations whose records can't be believed, in words. */
  readonly problems: readonly string[];
}

/** The signed heads of a project's chain that lie in the backup locations of its environments. */
export async function readAnchors(
  { provider, trustedKeys }: LocalProvider,
  environments: readonly Environment[],
): Promise<Anchors> {
  const anchors: AuditAnchor[] = [];
  const problems: string[] = [];
  const trusted = await trustedKeys();
  for (const environment of environments) {
    const { location } = environment.backups;
    try {
      for await (const { value } of readRecords(
        provider.objectStore(location),
        environmentRef(environment),
        trusted,
      )) {
        if (value.type === 'auditHead') anchors.push(value.head);
      }
    } catch (error) {
      if (!(error instanceof IntegrityError)) throw error;
      problems.push(
        `A record of ${environment.environment} in ${location} can't be believed: ${error.message}`,
      );
    }
  }
  return { anchors, problems };
}
