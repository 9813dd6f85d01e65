import { LcbError } from '@lcb/core';
import { z } from 'zod';
import type { Session } from '../connection/session.ts';
import { guestPattern } from '../guest/guest-names.ts';

/** Names of one kind are looked for together: a table is also a type. */
const NAMES = `
  SELECT 'function' AS kind, proname AS name, proowner AS owner, pronamespace AS namespace FROM pg_catalog.pg_proc
  UNION ALL SELECT 'operator', oprname, oprowner, oprnamespace FROM pg_catalog.pg_operator
  UNION ALL SELECT 'table or type', relname, relowner, relnamespace FROM pg_catalog.pg_class
    WHERE relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND relnamespace <> 'pg_catalog'::pg_catalog.regnamespace
  UNION ALL SELECT 'table or type', typname, typowner, typnamespace FROM pg_catalog.pg_type
    WHERE typrelid = 0 AND typnamespace <> 'pg_catalog'::pg_catalog.regnamespace`;

/**
 * Schemas in which names are found without being told: those of others, and those that a search_path names or, as
 * `"$user"`, means.
 */
const isSearched = `(n.nspowner <> g.oid
  OR EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = n.nspname)
  OR EXISTS (SELECT FROM pg_catalog.pg_settings WHERE name = 'search_path' AND pg_catalog.strpos(reset_val, n.nspname) > 0)
  OR EXISTS (SELECT FROM pg_catalog.pg_db_role_setting, pg_catalog.unnest(setconfig) AS setting
    WHERE setting LIKE 'search_path=%' AND pg_catalog.strpos(setting, n.nspname) > 0))`;

/**
 * A script may not make anything that others' statements would take for what they mean: PostgreSQL chooses by the types of
 * arguments, then by the order of schemas, and runs it with the rights of whoever asks.
 *
 * @throws LcbError `sql.refused`
 */
export async function assertOwnNames(session: Session, guest: string, name: string): Promise<void> {
  const [found] = await session.query(
    z.object({ kind: z.string(), schema: z.string(), object: z.string() }),
    `WITH names AS (${NAMES})
     SELECT own.kind, n.nspname AS schema, own.name AS object
     FROM pg_catalog.pg_roles g JOIN names own ON own.owner = g.oid
     JOIN pg_catalog.pg_namespace n ON n.oid = own.namespace
     WHERE g.rolname = $1 AND n.nspname !~ '^pg_' AND ${isSearched}
       AND EXISTS (SELECT FROM names other JOIN pg_catalog.pg_roles r ON r.oid = other.owner
         WHERE other.kind = own.kind AND other.name = own.name AND r.rolname !~ $2)
     LIMIT 1`,
    [guest, guestPattern],
  );
  if (!found) return;
  throw new LcbError({
    code: 'sql.refused',
    message: `${name} has created the ${found.kind} ${JSON.stringify(found.object)} in the schema ${JSON.stringify(found.schema)}. Others have one of that name, and what they run might take this one for it. Choose another name.`,
  });
}
