import { LcbError } from '@lcb/core';
import { type Kysely, sql } from 'kysely';
import { catalogRoles, catalogSchema, ownerRole } from '../database/roles.ts';

/**
 * Makes the three roles, makes the connected login a member of them, and makes the schema. Runs before every migration
 * and does nothing where all of it is there: roles belong to the cluster and not to the database, so no database's
 * history of migrations can know whether they exist (it may have been copied here, or a new login may be migrating).
 *
 * Needs a login that may create roles and, in this database, a schema; or one that finds all of it prepared.
 * @throws LcbError `catalog.roleUnsafe` when a role of that name can do more than it may
 */
export async function ensureRoles(db: Kysely<unknown>): Promise<void> {
  for (const role of catalogRoles) {
    await createRole(db, role);
    await joinRole(db, role);
  }
  await assertHarmless(db);
  await createSchema(db);
}

/** Another database of the same cluster may be migrated at the same moment, and the advisory lock is per database. */
async function createRole(db: Kysely<unknown>, role: string): Promise<void> {
  await sql`
    do $$ begin
      if not exists (select from pg_roles where rolname = ${sql.lit(role)}) then
        create role ${sql.id(role)}
          nologin nosuperuser nobypassrls nocreatedb nocreaterole noreplication;
      end if;
    exception when duplicate_object or unique_violation then
      null; -- Made in the meantime, which is all that was wanted.
    end $$`.execute(db);
}

/**
 * From version 16 on a role's creator is its member at once, but without the right to act as it, which is what is
 * needed. Before that, every member may.
 */
async function joinRole(db: Kysely<unknown>, role: string): Promise<void> {
  await sql`
    do $$ begin
      if not pg_has_role(current_user, ${sql.lit(role)},
          case when current_setting('server_version_num')::int >= 160000 then 'SET' else 'MEMBER' end) then
        grant ${sql.id(role)} to current_user;
      end if;
    exception when unique_violation then
      null; -- The same login, from another database.
    end $$`.execute(db);
}

/** A role that was there before us may have been given rights that undo row-level security. */
async function assertHarmless(db: Kysely<unknown>): Promise<void> {
  const { rows } = await sql<{ rolname: string }>`
    select rolname from pg_roles
    where rolname = any(${[...catalogRoles]}) and (rolsuper or rolbypassrls or rolcanlogin)`.execute(db);
  const [unsafe] = rows;
  if (unsafe === undefined) return;
  throw new LcbError({
    code: 'catalog.roleUnsafe',
    message: `The role ${unsafe.rolname} may log in, is a superuser or bypasses row-level security. Take that from it: alter role ${unsafe.rolname} nologin nosuperuser nobypassrls.`,
  });
}

async function createSchema(db: Kysely<unknown>): Promise<void> {
  // Not IF NOT EXISTS: that asks for the right to make one before it looks.
  await sql`
    do $$ begin
      if not exists (select from pg_namespace where nspname = ${sql.lit(catalogSchema)}) then
        create schema ${sql.id(catalogSchema)} authorization ${sql.id(ownerRole)};
      end if;
    end $$`.execute(db);
}
