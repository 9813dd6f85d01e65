import { type Kysely, sql } from 'kysely';

/** Sweeps: a kind of run of its own, with what it removed as its result. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    alter table runs
      drop constraint runs_kind_check,
      add constraint runs_kind_check check (kind in ('backup', 'restore', 'delete', 'copy', 'sweep')),
      drop constraint runs_check2,
      add constraint runs_result_check check (kind in ('restore', 'sweep') or result is null);
  `.execute(db);
}
