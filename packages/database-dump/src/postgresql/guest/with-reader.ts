import { z } from 'zod';
import { isOfExtension, isUserSchema } from '../catalog/user-objects.ts';
import type { Endpoint } from '../connection/endpoint.ts';
import { type Session, withSession } from '../connection/session.ts';
import { guestPattern } from './guest-names.ts';
import { joinStrangers, strangersRoles } from './strangers-objects.ts';
import { withGuest } from './with-guest.ts';

/**
 * Queries tables as a guest where a stranger made them: whoever asks runs the functions in their index conditions, checks
 * and triggers with rights of his own, even to count rows.
 *
 * As the connection's user where there are tables of others besides, which a guest could not read without changing rights
 * in somebody's database, and on a standby, where no role can be made.
 *
 * @param work is told as whom to ask, and whether strangers have made anything.
 */
export async function withReader<T>(
  endpoint: Endpoint,
  work: (reader: Endpoint, isOfStrangers: boolean) => Promise<T>,
): Promise<T> {
  const { isOfStrangers, isMixed } = await withSession(endpoint, look);
  if (!isOfStrangers || isMixed) return await work(endpoint, isOfStrangers);
  return await withGuest(endpoint, { invite: joinStrangers, work: (login) => work(login, true) });
}

async function look(session: Session) {
  const isOfStrangers = (await strangersRoles(session)).length > 0;
  const { isMixed } = await session.one(
    z.object({ isMixed: z.boolean() }),
    `SELECT pg_is_in_recovery() OR EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
       WHERE c.relkind IN ('r', 'p', 'S') AND ${isUserSchema} AND NOT ${isOfExtension('pg_class', 'c.oid')}
         AND pg_get_userbyid(c.relowner) !~ $1) AS "isMixed"`,
    [guestPattern],
  );
  return { isOfStrangers, isMixed };
}
