import { type Kysely, sql } from 'kysely';

/** What a run has asked of its environment: above all whether that may still be quiesced. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    alter table runs add column hooks jsonb;
    grant update (hooks) on runs to lcb_app;
    create index runs_quiesced on runs (project_id, environment)
      where hooks -> 'quiesce' is not null and hooks #> '{quiesce,resumedAt}' is null;
  `.execute(db);
}
