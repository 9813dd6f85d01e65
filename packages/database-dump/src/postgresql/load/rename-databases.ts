import type { OpenConnection } from '@lcb/core';
import { z } from 'zod';
import { quoteIdentifier } from '../catalog/quote.ts';
import { parseEndpoint } from '../connection/endpoint.ts';
import type { Session } from '../connection/session.ts';
import { withMaintenance } from './maintenance.ts';

export interface Rename {
  readonly from: string;
  readonly to: string;
}

/** How often sessions are ended before a rename is given up: an application's pool connects again and again. */
const tries = 5;
/** object_in_use */
const inUse = '55006';

/** Renames databases, all in one transaction. See `DatabaseEngine.renameDatabases`. */
export async function renameDatabases(connection: OpenConnection, renames: readonly Rename[]): Promise<void> {
  await withMaintenance(parseEndpoint(connection), async (session) => {
    const last = renames.at(-1);
    if (last === undefined || (await existing(session, [last.from])).length === 0) return;
    for (let count = 1; ; count += 1) {
      const refusal = await renameAll(session, renames);
      if (refusal === undefined) return;
      if (count === tries) throw refusal.error;
    }
  });
}

async function renameAll(session: Session, renames: readonly Rename[]) {
  const present = new Set(
    await existing(
      session,
      renames.map(({ from }) => from),
    ),
  );
  const due = renames.filter(({ from }) => present.has(from));
  // A database that is in use can not be renamed.
  await session.query(
    z.object({ ended: z.boolean() }),
    `SELECT pg_terminate_backend(pid) AS ended FROM pg_stat_activity
     WHERE datname = ANY ($1) AND pid <> pg_backend_pid() AND backend_type = 'client backend'
       AND pg_has_role(usesysid, 'USAGE')`,
    [due.map(({ from }) => from)],
  );
  const statements = due.map(
    ({ from, to }) => `ALTER DATABASE ${quoteIdentifier(from)} RENAME TO ${quoteIdentifier(to)}`,
  );
  // One message is one transaction: either all of them have their new names or none.
  return await session.runUnlessRefused(statements.join('; '), [inUse]);
}

async function existing(session: Session, names: readonly string[]): Promise<string[]> {
  const rows = await session.query(
    z.object({ name: z.string() }),
    'SELECT datname AS name FROM pg_database WHERE datname = ANY ($1)',
    [names],
  );
  return rows.map(({ name }) => name);
}
