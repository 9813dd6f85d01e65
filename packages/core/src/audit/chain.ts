import { createHash } from 'node:crypto';
import type { AuditEntry, AuditEvent, AuditHead } from '../model/audit-entry.ts';
import { canonicalJson } from '../repository/canonical-json.ts';

export const emptyChainHash = '0'.repeat(64);

/** The next entry of a chain: its hash covers the event, its place and the hash of the entry before. */
export function nextAuditEntry(head: AuditHead, event: AuditEvent): AuditEntry {
  const linked = { ...event, chain: head.chain, sequence: head.sequence + 1, previousHash: head.hash };
  return { ...linked, hash: hashOf(linked) };
}

function hashOf(linked: Omit<AuditEntry, 'hash'>): string {
  return createHash('sha256').update(canonicalJson(linked)).digest('hex');
}

/** A head that was signed and stored outside of the catalog: what the chain looked like then, and must still. */
export type AuditAnchor = AuditHead;

export type AuditProblem =
  | { readonly kind: 'changed'; readonly sequence: number }
  | { readonly kind: 'missing'; readonly sequence: number }
  | { readonly kind: 'reordered'; readonly sequence: number }
  | { readonly kind: 'cutOff'; readonly sequence: number }
  /** Consistent in itself, but not the chain that was anchored. */
  | { readonly kind: 'rewritten'; readonly sequence: number };

export interface AuditVerification {
  readonly entries: number;
  readonly anchors: number;
  readonly problems: readonly AuditProblem[];
}

/**
 * Walks a chain once, in the order in which it is stored, and holds it against the anchors. Without anchors a chain
 * that was computed anew from its first entry can't be told from the true one; with them it can. Anchors of other chains
 * do not count.
 */
export async function verifyAuditChain(
  chain: string,
  entries: AsyncIterable<AuditEntry> | Iterable<AuditEntry>,
  anchors: readonly AuditAnchor[],
): Promise<AuditVerification> {
  const problems: AuditProblem[] = [];
  const own = anchors.filter((anchor) => anchor.chain === chain);
  const anchored = Map.groupBy(own, (anchor) => anchor.sequence);
  let sequence = 0;
  let hash = emptyChainHash;
  let count = 0;
  for await (const entry of entries) {
    count += 1;
    if (entry.sequence <= sequence) problems.push({ kind: 'reordered', sequence: entry.sequence });
    else if (entry.sequence > sequence + 1) problems.push({ kind: 'missing', sequence: sequence + 1 });
    else if (entry.previousHash !== hash) problems.push({ kind: 'changed', sequence: entry.sequence });
    const { hash: stated, ...linked } = entry;
    if (hashOf(linked) !== stated || entry.chain !== chain)
      problems.push({ kind: 'changed', sequence: entry.sequence });
    // All anchors count: whoever computed the chain anew may have had the new head anchored beside the old one.
    const isRewritten = anchored.get(entry.sequence)?.some((anchor) => anchor.hash !== stated) ?? false;
    if (isRewritten) problems.push({ kind: 'rewritten', sequence: entry.sequence });
    if (entry.sequence <= sequence) continue;
    sequence = entry.sequence;
    hash = stated;
  }
  const lastAnchored = own.reduce((last, anchor) => Math.max(last, anchor.sequence), 0);
  if (lastAnchored > sequence) problems.push({ kind: 'cutOff', sequence: sequence + 1 });
  return { entries: count, anchors: own.length, problems };
}
