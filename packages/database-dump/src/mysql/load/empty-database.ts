import { z } from 'zod';
import { quoteName } from '../catalog/quote.ts';
import { markTable } from '../catalog/tables.ts';
import type { Session } from '../connection/session.ts';

const contentRow = z.object({
  kind: z.enum(['TABLE', 'VIEW', 'SEQUENCE', 'PROCEDURE', 'FUNCTION', 'EVENT', 'PACKAGE', 'PACKAGE BODY']),
  name: z.string(),
});

/** Everything that somebody made in a database; triggers belong to their tables. */
async function listContent(session: Session, schema: string): Promise<z.infer<typeof contentRow>[]> {
  return await session.query(
    contentRow,
    `SELECT IF(table_type = 'VIEW', 'VIEW', IF(table_type = 'SEQUENCE', 'SEQUENCE', 'TABLE')) AS kind, table_name AS name
       FROM information_schema.tables WHERE table_schema = ? AND table_name <> ?
     UNION ALL SELECT routine_type, routine_name FROM information_schema.routines WHERE routine_schema = ?
     UNION ALL SELECT 'EVENT', event_name FROM information_schema.events WHERE event_schema = ?`,
    [schema, markTable, schema, schema],
  );
}

/** Nothing but, maybe, a restore's mark. */
export async function isEmpty(session: Session, schema: string): Promise<boolean> {
  return (await listContent(session, schema)).length === 0;
}

/**
 * Removes what a database holds and keeps the database, with everybody's rights to it, and the mark. Events go first, so
 * that none fires into what is half gone, then views, then what they look at.
 *
 * @throws LcbError `database.lockTimeout` where somebody still works in it.
 */
export async function emptyDatabase(session: Session, schema: string, signal: AbortSignal): Promise<void> {
  await session.run('SET SESSION foreign_key_checks = 0, lock_wait_timeout = 60');
  const content = await listContent(session, schema);
  const order = ['EVENT', 'VIEW', 'TABLE', 'SEQUENCE', 'PROCEDURE', 'FUNCTION', 'PACKAGE BODY', 'PACKAGE'];
  for (const kind of order) {
    for (const { name } of content.filter((one) => one.kind === kind)) {
      signal.throwIfAborted();
      await session.run(`DROP ${kind} IF EXISTS ${quoteName(schema, name)}`);
    }
  }
}
