import { type Kysely, sql } from 'kysely';
import { isolateTenants, openToPlatform } from './row-level-security.ts';

/** Projects, their environments, and the runs: every request that was recorded and what became of it. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table projects (
      project_id text primary key check (project_id ~ '^[a-z](-?[a-z0-9])*$'),
      created_at timestamptz(3) not null default clock_timestamp()
    );

    create table environments (
      project_id text not null references projects,
      environment text not null,
      declared jsonb not null,
      declared_at timestamptz(3) not null default clock_timestamp(),
      primary key (project_id, environment)
    );

    create table runs (
      -- Unique across projects: project a-b with environment c and project a with environment b-c make the same ids.
      run_id text primary key,
      queue_position bigint not null generated always as identity,
      project_id text not null references projects,
      environment text not null,
      kind text not null check (kind in ('backup', 'restore', 'delete')),
      request_id text not null,
      request jsonb not null,
      state text not null default 'Pending'
        check (state in ('Pending', 'InProgress', 'Validating', 'Succeeded', 'Failed', 'Cancelled')),
      units jsonb not null,
      epoch bigint not null default 0 check (epoch >= 0),
      cancel_requested boolean not null default false,
      requested_at timestamptz(3) not null,
      started_at timestamptz(3),
      completed_at timestamptz(3),
      error jsonb,
      sealed jsonb,
      deleted_at timestamptz(3),
      unique (project_id, request_id),
      check ((completed_at is not null) = (state in ('Succeeded', 'Failed', 'Cancelled'))),
      check (kind = 'backup' or (sealed is null and deleted_at is null))
    );

    create index runs_newest on runs (project_id, requested_at desc, queue_position desc);
    create index runs_open on runs (project_id, environment, kind)
      where state in ('Pending', 'InProgress', 'Validating');
    create index runs_waiting on runs (project_id, environment, queue_position)
      where state = 'Pending' and epoch = 0;

    grant usage on schema lcb to lcb_app, lcb_platform;
    grant select, insert on projects to lcb_app;
    grant select, insert, update (declared, declared_at) on environments to lcb_app;
    grant select, insert,
      update (state, units, cancel_requested, started_at, completed_at, error, sealed, deleted_at) on runs to lcb_app;
    grant select, update (epoch) on runs to lcb_platform;
    grant select on migrations to lcb_platform;
  `.execute(db);
  for (const table of ['projects', 'environments', 'runs']) await isolateTenants(db, table);
  await openToPlatform(db, 'runs');
}
