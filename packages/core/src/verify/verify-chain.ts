import type { Manifest } from '../repository/manifest.ts';
import type { VerifiedDocument } from '../repository/signed-document.ts';

/** What was found about one backup's manifest. */
export interface ChainFinding {
  readonly backupId: string;
  readonly kind: 'problem' | 'warning';
  readonly text: string;
}

/**
 * Follows `previous` from manifest to manifest. Each names the one sealed before it by its hash, so one that was taken
 * away or replaced is missed by its successor. That the newest ones are gone can't be seen by what is left.
 * @param manifests of one environment, as opened by trusted keys
 * @param told whose manifest has a problem that was told already
 * @param deleted backups whose deletion is on record: they may be gone
 */
export function verifyChain(
  manifests: readonly VerifiedDocument<Manifest>[],
  told: ReadonlySet<string>,
  deleted: ReadonlySet<string>,
): ChainFinding[] {
  const findings: ChainFinding[] = [];
  const byId = new Map(manifests.map((document) => [document.value.backupId, document]));
  const followers = new Map<string, string[]>();
  const missing = new Set<string>();
  for (const { value } of manifests) {
    const { previous, backupId } = value;
    followers.set(previous?.backupId ?? '', [...(followers.get(previous?.backupId ?? '') ?? []), backupId]);
    if (previous === null) continue;
    const before = byId.get(previous.backupId);
    if (before === undefined) {
      const id = previous.backupId;
      if (told.has(id) || deleted.has(id) || missing.has(id)) continue;
      missing.add(id);
      findings.push({
        backupId: id,
        kind: 'problem',
        text: `manifest.json is missing: ${backupId} names it as the backup before it, and no deletion is on record.`,
      });
    } else if (before.sha256 !== previous.sha256) {
      findings.push({
        backupId: previous.backupId,
        kind: 'problem',
        text: `manifest.json is signed, but it is not the one that ${backupId} was chained to: another one was put in its place.`,
      });
    } else if (Date.parse(before.value.sealedAt) > Date.parse(value.sealedAt)) {
      findings.push({
        backupId,
        kind: 'warning',
        text: `manifest.json says that it was sealed before its predecessor ${previous.backupId}: was the clock put back?`,
      });
    }
  }
  for (const [previous, ids] of followers) {
    for (const backupId of ids.sort().slice(1)) {
      const text =
        previous === ''
          ? `manifest.json begins a new chain beside that of ${ids[0]}: the catalog did not know the backups before.`
          : `manifest.json follows ${previous}, as ${ids[0]} does: the catalog did not know one of them.`;
      findings.push({ backupId, kind: 'warning', text });
    }
  }
  return findings;
}
