import { z } from 'zod';
import { isOfExtension, isUserSchema } from '../catalog/user-objects.ts';
import type { Session } from '../connection/session.ts';

const holderRow = z.object({
  pid: z.number().nullable(),
  role: z.string().nullable(),
  application: z.string().nullable(),
});

/** Locks of a session that uses a table, a view or a sequence: nobody drops it meanwhile. */
const ON_RELATIONS = `l.locktype = 'relation' AND EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.oid = l.relation AND ${isUserSchema} AND NOT ${isOfExtension('pg_class', 'c.oid')})`;

/** As far as this user may: the sessions of a superuser, such as a monitor's, do no harm here unless they hold a lock. */
export async function endOtherSessions(session: Session): Promise<void> {
  await session.query(
    z.object({ ended: z.boolean() }),
    `SELECT pg_terminate_backend(pid) AS ended FROM pg_stat_activity
     WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
       AND pg_has_role(usesysid, 'USAGE')`,
  );
}

/** Who uses something in the session's database, for messages: by process, role and application. */
export async function relationHolders(session: Session): Promise<string[]> {
  return await holders(session, ON_RELATIONS);
}

/** The same, and who holds other objects, such as a schema that it changes. */
export async function allHolders(session: Session): Promise<string[]> {
  return await holders(session, `(l.locktype = 'object' OR ${ON_RELATIONS})`);
}

async function holders(session: Session, condition: string): Promise<string[]> {
  const rows = await session.query(
    holderRow,
    // The server's own workers give way by themselves. A prepared transaction belongs to no process.
    `SELECT DISTINCT l.pid, a.usename::text AS role, a.application_name AS application
     FROM pg_locks l LEFT JOIN pg_stat_activity a ON a.pid = l.pid
     WHERE l.granted AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
       AND l.pid IS DISTINCT FROM pg_backend_pid() AND (l.pid IS NULL OR a.usesysid IS NOT NULL) AND ${condition}
     ORDER BY l.pid`,
  );
  return rows.map(describeHolder);
}

function describeHolder({ pid, role, application }: z.infer<typeof holderRow>): string {
  if (pid === null) return 'a prepared transaction (see pg_prepared_xacts)';
  const name = application === null || application === '' ? '' : ` (${JSON.stringify(application)})`;
  return `process ${pid} of ${JSON.stringify(role)}${name}`;
}
