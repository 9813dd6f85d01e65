import { type Kysely, sql } from 'kysely';

/**
 * Verifications by restore: a kind of run of its own, with what it found as its result. They touch nothing of the environment,
 * so that its backups need not wait for them: they wait for each other alone, in a lane of their own.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    alter table runs
      drop constraint runs_kind_check,
      add constraint runs_kind_check check (kind in ('backup', 'restore', 'delete', 'copy', 'sweep', 'verify')),
      drop constraint runs_result_check,
      add constraint runs_result_check check (kind in ('restore', 'sweep', 'verify') or result is null),
      add column lane text not null generated always as (case kind when 'verify' then 'verify' else '' end) stored;
    drop index runs_waiting;
    create index runs_waiting on runs (project_id, environment, lane, queue_position)
      where state = 'Pending' and epoch = 0;

    alter table leases
      add column lane text not null default '',
      drop constraint leases_pkey,
      add primary key (project_id, environment, lane);
  `.execute(db);
}
