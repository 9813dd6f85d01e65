import { type Kysely, sql } from 'kysely';

/** What keeps a backup or lets it go: pins, the end of a deletion's grace; and what a rebuilt catalog must not do yet. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    alter table runs
      add column deleted_until timestamptz(3),
      add column pinned_at timestamptz(3),
      add column pin_reason text,
      add column rebuilt_at timestamptz(3),
      add check (kind = 'backup' or (pinned_at is null and deleted_until is null and rebuilt_at is null)),
      add check (pin_reason is null or pinned_at is not null);
    alter table projects add column sweeps_blocked_at timestamptz(3);

    grant update (deleted_until, pinned_at, pin_reason) on runs to lcb_app;
    grant update (sweeps_blocked_at) on projects to lcb_app;
  `.execute(db);
}
