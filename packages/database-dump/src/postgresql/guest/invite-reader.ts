import { LcbError } from '@lcb/core';
import { z } from 'zod';
import { quoteIdentifier } from '../catalog/quote.ts';
import { isUserSchema } from '../catalog/user-objects.ts';
import { describeEndpoint } from '../connection/endpoint.ts';
import type { Refusal, Session } from '../connection/session.ts';
import { grantOnSchemas, grantOnTables } from './grant-on-tables.ts';
import { joinStrangers } from './strangers-objects.ts';

const tableRow = z.object({ schema: z.string(), table: z.string(), hasPolicies: z.boolean() });

/**
 * Lets a guest read every table of the database: what strangers before it have made as one of them, the tables of others
 * by a right of its own. No session with more rights then has to ask for anything.
 *
 * @throws LcbError `sql.rightsTooWide` where the admin may not give that right.
 */
export async function inviteReader(admin: Session, guest: string): Promise<void> {
  await joinStrangers(admin, guest);
  const tables = await admin.query(
    tableRow,
    `SELECT n.nspname AS schema, c.relname AS "table", c.relrowsecurity AS "hasPolicies"
     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind IN ('r', 'p') AND ${isUserSchema} AND NOT has_table_privilege($1, c.oid, 'SELECT')
     ORDER BY n.nspname, c.relname`,
    [guest],
  );
  // A backup has the rows that a policy hides, too; where the admin may not give this, reading fails rather than miss some.
  if (tables.some(({ hasPolicies }) => hasPolicies))
    await admin.runUnlessRefused(`ALTER ROLE ${quoteIdentifier(guest)} BYPASSRLS`, ['42501']);
  assertGiven(admin, await grantOnSchemas(admin, guest, 'USAGE'));
  assertGiven(admin, await grantOnTables(admin, guest, 'SELECT', tables));
}

/** @throws LcbError `sql.rightsTooWide` */
export function assertGiven({ endpoint }: Session, refused: Refusal | undefined): void {
  if (!refused) return;
  throw new LcbError({
    code: 'sql.rightsTooWide',
    message: `The ${describeEndpoint(endpoint)} holds what somebody else wrote, so a role without rights has to read it, and this user may not give it that right: ${refused.error.message} Take a user that owns all tables there and may create roles, or one that has this database only.`,
    cause: refused.error,
  });
}
