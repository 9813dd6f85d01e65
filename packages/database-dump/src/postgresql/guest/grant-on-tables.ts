import { z } from 'zod';
import { quoteIdentifier, quoteName } from '../catalog/quote.ts';
import { isUserSchema } from '../catalog/user-objects.ts';
import type { Refusal, Session } from '../connection/session.ts';

/** How many tables one GRANT names. */
const BATCH = 500;
/** insufficient_privilege */
const REFUSED = ['42501'];

export interface NamedTable {
  readonly schema: string;
  readonly table: string;
}

/**
 * Gives a guest rights on tables, and what it needs to name them. `DROP OWNED BY` takes them away with the guest.
 *
 * @param rights such as `SELECT, DELETE`; never TRIGGER or REFERENCES, by which a stranger's code would get into what
 *   others do with their tables: triggers, and foreign keys that cascade into them, run with the rights of whoever writes.
 * @returns how the server refused, where the admin has no right to give.
 */
export async function grantOnTables(
  admin: Session,
  guest: string,
  rights: string,
  tables: readonly NamedTable[],
): Promise<Refusal | undefined> {
  const role = quoteIdentifier(guest);
  for (let from = 0; from < tables.length; from += BATCH) {
    const names = tables.slice(from, from + BATCH).map(({ schema, table }) => quoteName(schema, table));
    const sql = `GRANT ${rights} ON TABLE ${names.join(', ')} TO ${role}`;
    const refused = await admin.runUnlessRefused(sql, REFUSED);
    if (refused) return refused;
  }
  return undefined;
}

/** @param rights such as `USAGE, CREATE`. @returns how the server refused. */
export async function grantOnSchemas(
  admin: Session,
  guest: string,
  rights: string,
): Promise<Refusal | undefined> {
  const schemas = await admin.query(
    z.object({ schema: z.string() }),
    `SELECT n.nspname::text AS schema FROM pg_namespace n
     WHERE ${isUserSchema} AND NOT has_schema_privilege($1, n.oid, $2)`,
    [guest, rights],
  );
  if (schemas.length === 0) return undefined;
  const names = schemas.map(({ schema }) => quoteIdentifier(schema)).join(', ');
  return await admin.runUnlessRefused(
    `GRANT ${rights} ON SCHEMA ${names} TO ${quoteIdentifier(guest)}`,
    REFUSED,
  );
}
