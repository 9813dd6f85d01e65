import { z } from 'zod';
import { isOfExtension, isUserSchema } from '../catalog/user-objects.ts';
import type { Session } from '../connection/session.ts';
import { grantOnSchemas, grantOnTables } from '../guest/grant-on-tables.ts';

const relationRow = z.object({ schema: z.string(), table: z.string(), kind: z.string() });

/**
 * Gives the guest of a script the rows of all tables; what is there stays its owner's, so that only an owner changes its
 * definition. Views are only read: a query runs them with their owner's rights. Functions may be called by whom they were
 * meant for before: some of extensions reach the server.
 */
export async function inviteScripts(admin: Session, guest: string): Promise<void> {
  const relations = await admin.query(
    relationRow,
    `SELECT n.nspname AS schema, c.relname AS "table", c.relkind::text AS kind
     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S') AND ${isUserSchema} AND NOT ${isOfExtension('pg_class', 'c.oid')}`,
  );
  const ofKinds = (...kinds: string[]) => relations.filter(({ kind }) => kinds.includes(kind));
  const refusals = [
    await grantOnSchemas(admin, guest, 'USAGE'),
    await grantOnSchemas(admin, guest, 'CREATE'),
    await grantOnTables(admin, guest, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE', ofKinds('r', 'p')),
    await grantOnTables(admin, guest, 'SELECT', ofKinds('v', 'm')),
    await grantOnTables(admin, guest, 'USAGE, SELECT, UPDATE', ofKinds('S')),
  ];
  for (const refused of refusals) if (refused) throw refused.error;
}
