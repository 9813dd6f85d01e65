import { z } from 'zod';
import type { Session } from '../connection/session.ts';

/** Roles that reach files, programs or other people's data; with them SQL is more than SQL. */
const ROLES_OF_THE_SERVER = [
  'pg_read_server_files',
  'pg_write_server_files',
  'pg_execute_server_program',
  'pg_read_all_data',
  'pg_write_all_data',
  'pg_signal_backend',
  'pg_checkpoint',
  'pg_create_subscription',
];

/** What somebody else's SQL could do with a connection's user. */
export interface Rights {
  readonly isSuperuser: boolean;
  readonly createsRoles: boolean;
  /** The user, or a role that it can become, is superuser, makes roles, replicates, or is one of {@link ROLES_OF_THE_SERVER}. */
  readonly reachesServer: boolean;
  /** Other databases of the server, which `ALTER DATABASE` would reach. */
  readonly ownsOthers: boolean;
}

const rightsRow: z.ZodType<Rights> = z.object({
  isSuperuser: z.boolean(),
  createsRoles: z.boolean(),
  reachesServer: z.boolean(),
  ownsOthers: z.boolean(),
});

/** @param database whose owner the user may be, wherever the session is. */
export async function readRights(session: Session, database: string): Promise<Rights> {
  return await session.one(
    rightsRow,
    `SELECT u.rolsuper AS "isSuperuser", u.rolcreaterole AS "createsRoles",
       EXISTS (SELECT FROM pg_catalog.pg_roles r WHERE pg_catalog.pg_has_role(u.oid, r.oid, 'MEMBER')
         AND (r.rolsuper OR r.rolcreaterole OR r.rolreplication OR r.rolname = ANY ($1))) AS "reachesServer",
       EXISTS (SELECT FROM pg_catalog.pg_database d
         WHERE d.datdba = u.oid AND d.datname <> $2) AS "ownsOthers"
     FROM pg_catalog.pg_roles u WHERE u.rolname = current_user`,
    [ROLES_OF_THE_SERVER, database],
  );
}

/** Is the user as little as a guest would be: owner of nothing but the database, without rights on the server? */
export function isHarmless({ reachesServer, ownsOthers }: Rights): boolean {
  return !reachesServer && !ownsOthers;
}
