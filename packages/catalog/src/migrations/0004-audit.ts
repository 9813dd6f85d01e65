import { platformChain } from '@lcb/core';
import { type Kysely, sql } from 'kysely';
import { isolateTenants, openToPlatform } from './row-level-security.ts';

/** The audit trail: one hash chain per project and one for the platform, which nobody may change or shorten. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    -- The newest entry of each chain. Whoever appends holds this row until it commits, so that a chain has no gap and
    -- no fork, and chains don't wait for each other. Room is left in the pages: the row is rewritten with each entry.
    create table audit_heads (
      chain text primary key,
      sequence bigint not null check (sequence >= 0),
      hash text not null
    ) with (fillfactor = 50);

    create table audit_entries (
      chain text not null,
      sequence bigint not null check (sequence > 0),
      actor text not null,
      action text not null,
      subject text not null,
      result text not null check (result in ('accepted', 'refused', 'succeeded', 'failed', 'cancelled')),
      -- As it was written, and json, not jsonb: the hash covers the text.
      at text not null,
      correlation_id text not null,
      details json,
      previous_hash text not null,
      hash text not null,
      primary key (chain, sequence)
    );

    grant select, insert, update (sequence, hash) on audit_heads to lcb_app, lcb_platform;
    grant select, insert on audit_entries to lcb_app, lcb_platform;

    create function refuse_change() returns trigger language plpgsql as $$ begin
      raise exception 'Audit entries are append-only: % is refused.', tg_op using errcode = 'insufficient_privilege';
    end $$;
    revoke execute on function refuse_change() from public;
    create trigger append_only before update or delete or truncate on audit_entries
      for each statement execute function refuse_change();
    -- Also where triggers are off for replication.
    alter table audit_entries enable always trigger append_only;
  `.execute(db);
  for (const table of ['audit_heads', 'audit_entries']) {
    await isolateTenants(db, table, 'chain');
    await openToPlatform(db, table, sql`chain = ${sql.lit(platformChain)}`);
  }
}
