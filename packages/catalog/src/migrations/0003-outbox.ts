import { type Kysely, sql } from 'kysely';
import { isolateTenants, openToPlatform } from './row-level-security.ts';

/** CloudEvents to be sent, written in the transaction of what they tell. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table outbox (
      event_id text primary key,
      position bigint not null generated always as identity,
      project_id text not null references projects,
      event jsonb not null,
      delivered_at timestamptz(3)
    );
    create index outbox_pending on outbox (position) where delivered_at is null;

    grant insert on outbox to lcb_app;
    grant select, update (delivered_at) on outbox to lcb_platform;
  `.execute(db);
  await isolateTenants(db, 'outbox');
  await openToPlatform(db, 'outbox');
}
