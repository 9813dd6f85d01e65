import { type AuditAnchor, type Environment, environmentRef, readRecords } from '@lcb/core';
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
    const records = readRecords(provider.objectStore(location), environmentRef(environment), trusted);
    for await (const { key, problem, record } of records) {
      if (problem !== undefined) problems.push(`${key} in ${location} can't be believed: ${problem.message}`);
      else if (record.type === 'auditHead') anchors.push(record.head);
    }
  }
  return { anchors, problems };
}
