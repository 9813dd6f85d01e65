import { z } from 'zod';
import { quoteIdentifier } from '../catalog/quote.ts';
import type { Session } from '../connection/session.ts';
import { guestNames, guestPattern } from './guest-names.ts';

/** dependent_objects_still_exist, insufficient_privilege, undefined_object: another's, or gone already. */
const NOT_OURS = ['2BP01', '42501', '42704'];

const foundRow = z.object({
  owns: z.boolean(),
  hasOwner: z.boolean(),
  isSuperuser: z.boolean(),
  schemas: z.array(z.string()),
});

/**
 * Drops the guest of a database, if there is one. What it owns goes to a role that can't log in and has no other rights, and
 * not to the connection's user: PostgreSQL runs functions of indexes and materialized views with the rights of their
 * owner, so that what a stranger wrote would run as superuser at the next ANALYZE.
 */
export async function dismissGuest(admin: Session, database: string): Promise<void> {
  const { guest, owner } = guestNames(database);
  const [found] = await admin.query(
    foundRow,
    `SELECT EXISTS (SELECT FROM pg_catalog.pg_shdepend s JOIN pg_catalog.pg_database d ON d.oid = s.dbid
         WHERE d.datname = pg_catalog.current_database() AND s.refclassid = 'pg_catalog.pg_authid'::pg_catalog.regclass
           AND s.refobjid = r.oid AND s.deptype = 'o') AS owns,
       EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = $2) AS "hasOwner",
       (SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user) AS "isSuperuser",
       ARRAY(SELECT pg_catalog.quote_ident(nspname) FROM pg_catalog.pg_namespace
         WHERE nspowner = r.oid OR nspname = 'public') AS schemas
     FROM pg_catalog.pg_roles r WHERE r.rolname = $1`,
    [guest, owner],
  );
  if (!found) return;
  const [guestRole, ownerRole] = [quoteIdentifier(guest), quoteIdentifier(owner)];
  // Who is not superuser changes owners only as a member of both, and to one who may create there.
  const join = found.isSuperuser ? [] : [`GRANT ${guestRole} TO CURRENT_USER`];
  const adopt = [
    ...(found.hasOwner
      ? []
      : [`CREATE ROLE ${ownerRole} NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS`]),
    ...(found.isSuperuser ? [] : [`GRANT ${ownerRole} TO CURRENT_USER`]),
    ...(found.isSuperuser
      ? []
      : found.schemas.map((schema) => `GRANT CREATE ON SCHEMA ${schema} TO ${ownerRole}`)),
    `REASSIGN OWNED BY ${guestRole} TO ${ownerRole}`,
  ];
  await admin.run(
    [
      'BEGIN',
      ...join,
      ...(found.owns ? adopt : []),
      `DROP OWNED BY ${guestRole}`,
      `DROP ROLE ${guestRole}`,
      'COMMIT',
    ].join('; '),
  );
}

/**
 * Drops what loads into databases that are gone have left on the server.
 *
 * @param gone a database that has just been dropped: its guest goes even while it might still log in.
 */
export async function sweepGuests(admin: Session, gone?: string): Promise<void> {
  const idle = await admin.query(
    z.object({ rolname: z.string() }),
    `SELECT rolname FROM pg_catalog.pg_roles r WHERE rolname ~ $1 AND (rolvaliduntil < pg_catalog.now() OR NOT rolcanlogin OR rolname = $2)
       AND NOT EXISTS (SELECT FROM pg_catalog.pg_shdepend WHERE refclassid = 'pg_catalog.pg_authid'::pg_catalog.regclass AND refobjid = r.oid)`,
    [guestPattern, gone === undefined ? null : guestNames(gone).guest],
  );
  for (const { rolname } of idle)
    await admin.runUnlessRefused(`DROP ROLE ${quoteIdentifier(rolname)}`, NOT_OURS);
}
