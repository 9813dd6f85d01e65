import { type Kysely, sql } from 'kysely';

/** What a restore found and did beyond its units. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    alter table runs add column result jsonb check (kind = 'restore' or result is null);
    grant update (result) on runs to lcb_app;
  `.execute(db);
}
