import { type AuditEntry, auditEntrySchema, IntegrityError } from '@lcb/core';
import { sql } from 'kysely';
import { z } from 'zod';
import type { CatalogTransaction } from '../database/act-as.ts';

const pageSize = 500;

/**
 * A chain's entries in order of sequence, read page by page, each page in a transaction of its own: a long read holds
 * no snapshot, and what is appended meanwhile is still read.
 *
 * @param transact runs its work in a transaction that may read the chain
 * @param fromSequence all of them when left out, also any with a sequence that no chain has
 * @throws IntegrityError for a row that can't have been an entry
 */
export async function* readEntries(
  transact: <T>(work: (trx: CatalogTransaction) => Promise<T>) => Promise<T>,
  chain: string,
  fromSequence?: number,
): AsyncIterable<AuditEntry> {
  let from = fromSequence;
  while (true) {
    const page = await transact((trx) => readPage(trx, chain, from));
    yield* page;
    const last = page.at(-1);
    if (last === undefined || page.length < pageSize) return;
    from = last.sequence + 1;
  }
}

async function readPage(
  trx: CatalogTransaction,
  chain: string,
  from: number | undefined,
): Promise<AuditEntry[]> {
  let query = trx.selectFrom('audit_entries').where('chain', '=', chain);
  if (from !== undefined) query = query.where('sequence', '>=', from);
  const rows = await query
    .select(['chain', 'sequence', 'actor', 'action', 'subject', 'result', 'at'])
    .select(['correlation_id as correlationId', 'previous_hash as previousHash', 'hash'])
    // As text, since the driver reads JSON's null and no value at all as the same.
    .select(sql<string | null>`details::text`.as('details'))
    .orderBy('sequence')
    .limit(pageSize)
    .execute();
  return rows.map(({ details, ...row }) => {
    const entry = storedEntrySchema.safeParse(details === null ? row : { ...row, details });
    if (entry.success) return entry.data;
    throw new IntegrityError(
      `Entry ${row.sequence} of the audit chain ${chain} is not an audit entry: the catalog was changed by hand.`,
      'audit.entryInvalid',
    );
  });
}

const jsonText = z.string().transform((text, context) => {
  try {
    return z.json().parse(JSON.parse(text));
  } catch (error) {
    context.addIssue({ code: 'custom', message: error instanceof Error ? error.message : 'is not JSON' });
    return z.NEVER;
  }
});

const storedEntrySchema = auditEntrySchema.extend({
  sequence: z.number().int(),
  details: jsonText.optional(),
});
