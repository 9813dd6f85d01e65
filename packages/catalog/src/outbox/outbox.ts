import { type CloudEvent, cloudEventSchema } from '@lcb/core';
import { sql } from 'kysely';
import type { CatalogTransaction } from '../database/act-as.ts';
import { serverClock } from '../database/server-time.ts';

/** Writes the event with what it tells, or neither. Written twice it is there once. */
export async function enqueueEvent(
  trx: CatalogTransaction,
  projectId: string,
  event: CloudEvent,
): Promise<void> {
  await trx
    .insertInto('outbox')
    .values({ event_id: event.id, project_id: projectId, event: JSON.stringify(event) })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** Oldest first. Two who ask at once get the same ones: delivery is at least once, and an event's id tells it again. */
export async function pendingEvents(trx: CatalogTransaction, limit: number): Promise<readonly CloudEvent[]> {
  const rows = await trx
    .selectFrom('outbox')
    .select('event')
    .where('delivered_at', 'is', null)
    .orderBy('position')
    .limit(limit)
    .execute();
  return rows.map(({ event }) => cloudEventSchema.parse(event));
}

export async function markDelivered(trx: CatalogTransaction, eventIds: readonly string[]): Promise<void> {
  await trx
    .updateTable('outbox')
    .set({ delivered_at: serverClock })
    .where(sql<boolean>`event_id = any(${[...eventIds]})`)
    .where('delivered_at', 'is', null)
    .execute();
}
