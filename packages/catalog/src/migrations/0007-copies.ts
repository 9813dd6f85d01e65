import { type Kysely, sql } from 'kysely';

/** Copies of backups in other locations: a kind of run of its own, sealed as a backup is. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    alter table runs
      drop constraint runs_kind_check,
      add constraint runs_kind_check check (kind in ('backup', 'restore', 'delete', 'copy')),
      drop constraint runs_check1,
      add constraint runs_sealed_check check (
        (sealed is null or kind in ('backup', 'copy')) and (deleted_at is null or kind = 'backup')
      );
  `.execute(db);
}
