import { LcbError } from '@lcb/core';
import { z } from 'zod';
import type { Session } from '../connection/session.ts';

/**
 * No function of the guest's may run with its owner's rights: what the lexer refuses, a function's body could still have
 * created.
 *
 * @throws LcbError `sql.refused`
 */
export async function assertOwnRights(session: Session, guest: string, name: string): Promise<void> {
  const [found] = await session.query(
    z.object({ function: z.string() }),
    `SELECT p.oid::pg_catalog.regprocedure::pg_catalog.text AS function FROM pg_catalog.pg_proc p
     WHERE p.prosecdef AND p.proowner = (SELECT oid FROM pg_catalog.pg_roles WHERE rolname = $1) LIMIT 1`,
    [guest],
  );
  if (!found) return;
  throw new LcbError({
    code: 'sql.refused',
    message: `${name} has created the function ${found.function} with SECURITY DEFINER from inside of another function. It would run with the rights of its owner, whoever calls it. Don't use this file.`,
  });
}
