import { type AuditAnchor, type Environment, environmentRef, readRecords } from '@lcb/core';
import type { LocalProvider } from '@lcb/functions-local';

export interface Anchors {
  readonly anchors: readonly AuditAnchor[];
  /** Where a catalog was lost: signed heads of before are of its chain, which can't be looked at any more. */
  readonly losses: readonly string[];
  /** Locations whose records can't be believed, in words. */
  readonly problems: readonly string[];
}

/** The signed heads of a project's chain that lie in the backup locations of its environments. */
export async function readAnchors(
  { provider, trustedKeys }: LocalProvider,
  environments: readonly Environment[],
): Promise<Anchors> {
  const anchors: AuditAnchor[] = [];
  const losses: string[] = [];
  const problems: string[] = [];
  const trusted = await trustedKeys();
  for (const environment of environments) {
    const { location } = environment.backups;
    let own: AuditAnchor[] = [];
    const records = readRecords(provider.objectStore(location), environmentRef(environment), trusted);
    for await (const { key, problem, record } of records) {
      if (problem !== undefined) problems.push(`${key} in ${location} can't be believed: ${problem.message}`);
      else if (record.type === 'auditHead') own.push(record.head);
      else if (record.type === 'catalogRebuilt') {
        losses.push(
          `The catalog was lost and rebuilt on ${record.at} by ${record.actor}: ${own.length} signed heads of before in ${location} are of a chain that is no more.`,
        );
        own = record.head.sequence === 0 ? [] : [record.head];
      }
    }
    anchors.push(...own);
  }
  return { anchors, losses, problems };
}
