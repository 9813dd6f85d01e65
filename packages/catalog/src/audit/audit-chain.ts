import {
  type AuditEntry,
  type AuditEvent,
  type AuditHead,
  auditEventSchema,
  canonicalJson,
  emptyChainHash,
  nextAuditEntry,
} from '@lcb/core';
import type { CatalogTransaction } from '../database/act-as.ts';
import { parseInput } from '../input.ts';
import { storable } from '../storable.ts';

/**
 * A chain that this transaction holds: nobody else appends to it until the transaction ends. Every act that leaves an
 * audit entry takes it FIRST and a run's row after it; one order for all, so that none wait for each other in a circle.
 */
export interface HeldChain {
  /** @throws InvalidRequestError when the event is not one */
  append(event: AuditEvent): Promise<AuditEntry>;
}

/** Waits for the chain's head and holds it until the transaction ends. */
export async function holdChain(trx: CatalogTransaction, chain: string): Promise<HeldChain> {
  let head = await lockHead(trx, chain);
  return {
    append: async (event) => {
      const entry = nextAuditEntry(head, parseInput(auditEventSchema, storable(event), 'The audit event'));
      await insertEntry(trx, entry);
      head = { chain, sequence: entry.sequence, hash: entry.hash };
      await trx
        .updateTable('audit_heads')
        .set({ sequence: head.sequence, hash: head.hash })
        .where('chain', '=', chain)
        .execute();
      return entry;
    },
  };
}

/** The newest entry of the chain; sequence 0 and the hash of nothing before the first. */
export async function readHead(trx: CatalogTransaction, chain: string): Promise<AuditHead> {
  const head = await headOf(trx, chain).executeTakeFirst();
  return head ?? { chain, sequence: 0, hash: emptyChainHash };
}

async function lockHead(trx: CatalogTransaction, chain: string): Promise<AuditHead> {
  const head = await headOf(trx, chain).forUpdate().executeTakeFirst();
  if (head !== undefined) return head;
  await trx
    .insertInto('audit_heads')
    .values({ chain, sequence: 0, hash: emptyChainHash })
    .onConflict((conflict) => conflict.column('chain').doNothing())
    .execute();
  return await headOf(trx, chain).forUpdate().executeTakeFirstOrThrow();
}

function headOf(trx: CatalogTransaction, chain: string) {
  return trx.selectFrom('audit_heads').select(['chain', 'sequence', 'hash']).where('chain', '=', chain);
}

async function insertEntry(trx: CatalogTransaction, entry: AuditEntry): Promise<void> {
  await trx
    .insertInto('audit_entries')
    .values({
      chain: entry.chain,
      sequence: entry.sequence,
      actor: entry.actor,
      action: entry.action,
      subject: entry.subject,
      result: entry.result,
      at: entry.at,
      correlation_id: entry.correlationId,
      details: entry.details === undefined ? null : canonicalJson(entry.details),
      previous_hash: entry.previousHash,
      hash: entry.hash,
    })
    .execute();
}
