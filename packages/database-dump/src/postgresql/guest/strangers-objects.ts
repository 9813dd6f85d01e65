import { z } from 'zod';
import { quoteIdentifier } from '../catalog/quote.ts';
import type { Session } from '../connection/session.ts';
import { guestPattern } from './guest-names.ts';

/**
 * The roles of {@link guestPattern} that own something in the session's database: what they own a stranger has written. Not
 * looked for by this database's name, since a database can be renamed.
 */
export async function strangersRoles(session: Session): Promise<readonly string[]> {
  const found = await session.query(
    z.object({ name: z.string() }),
    `SELECT r.rolname AS name FROM pg_catalog.pg_roles r
     WHERE r.rolname ~ $1 AND EXISTS (SELECT FROM pg_catalog.pg_shdepend s
       JOIN pg_catalog.pg_database d ON d.oid = s.dbid
       WHERE d.datname = pg_catalog.current_database() AND s.refclassid = 'pg_catalog.pg_authid'::pg_catalog.regclass
         AND s.refobjid = r.oid AND s.deptype = 'o')
     ORDER BY r.rolname`,
    [guestPattern],
  );
  return found.map(({ name }) => name);
}

/** Gives the guest what strangers before it have made in the database, and nothing else. */
export async function joinStrangers(admin: Session, guest: string): Promise<void> {
  const role = quoteIdentifier(guest);
  for (const name of await strangersRoles(admin)) {
    if (name === guest) continue;
    await admin.run(`ALTER ROLE ${role} INHERIT; GRANT ${quoteIdentifier(name)} TO ${role}`);
  }
}
