import { type Kysely, sql } from 'kysely';
import { isolateTenants, openToPlatform } from './row-level-security.ts';

/** Who may work on an environment now. A row stands for an admitted run that is not over; there is one per environment. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    -- One sequence for all: whatever is granted later has a higher epoch than anything before it.
    create sequence lease_epochs;

    create table leases (
      project_id text not null references projects,
      environment text not null,
      run_id text not null unique references runs,
      epoch bigint not null check (epoch > 0),
      expires_at timestamptz not null,
      primary key (project_id, environment)
    );

    grant select, delete on leases to lcb_app;
    grant select, insert, update (epoch, expires_at) on leases to lcb_platform;
    grant usage on sequence lease_epochs to lcb_platform;
  `.execute(db);
  await isolateTenants(db, 'leases');
  await openToPlatform(db, 'leases');
}
