import { type Kysely, type RawBuilder, sql } from 'kysely';
import { appRole, platformRole, tenantSetting } from '../database/roles.ts';

/**
 * Switches row-level security on for a table and forces it on its owner too; the application role sees and writes the
 * rows whose column names the project that the transaction is bound to. Unset is null and what a past transaction left
 * behind is empty: no row has either.
 *
 * What the roles may do with the rows that they see is said by grants. A later migration that has to change rows
 * gives itself a policy for it, and drops that again.
 */
export async function isolateTenants(
  db: Kysely<unknown>,
  table: string,
  column = 'project_id',
): Promise<void> {
  const own = sql`${sql.id(column)} = current_setting(${sql.lit(tenantSetting)}, true)`;
  await sql`
    alter table ${sql.id(table)} enable row level security;
    alter table ${sql.id(table)} force row level security;
    create policy tenant on ${sql.id(table)} for all to ${sql.id(appRole)} using (${own}) with check (${own});
  `.execute(db);
}

/**
 * The platform role sees the rows of all projects in this table, or those of them that `rows` names. It has to be the
 * acting role: a policy also applies to logins that inherit the role as its members, and those see nothing before they
 * have said whom they act as.
 */
export async function openToPlatform(
  db: Kysely<unknown>,
  table: string,
  rows: RawBuilder<unknown> = sql`true`,
): Promise<void> {
  const seen = sql`current_user = ${sql.lit(platformRole)} and ${rows}`;
  await sql`create policy platform on ${sql.id(table)} for all to ${sql.id(platformRole)}
            using (${seen}) with check (${seen})`.execute(db);
}
