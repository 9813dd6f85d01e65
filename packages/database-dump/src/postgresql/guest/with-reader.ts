import { LcbError } from '@lcb/core';
import { z } from 'zod';
import { describeEndpoint, type Endpoint } from '../connection/endpoint.ts';
import { type Session, withSession } from '../connection/session.ts';
import { isMarkedUntrusted } from '../mark/untrusted-mark.ts';
import { inviteReader } from './invite-reader.ts';
import { isHarmless, readRights } from './rights.ts';
import { strangersRoles } from './strangers-objects.ts';
import { withGuest } from './with-guest.ts';

/**
 * Queries the tables of a database as a guest where a stranger has made anything in it: whoever asks runs the functions in
 * their index conditions, checks and triggers with rights of his own, even to count rows. That holds for all tables there,
 * since who owns one says little about whose functions it comes upon.
 *
 * `pg_dump` needs no guest: it copies tables without planning a query, and only takes expressions down.
 *
 * @param work is told as whom to ask, and whether strangers have made anything.
 * @param invite gives the guest more than the right to read.
 * @throws LcbError `sql.rightsTooWide` where the user is no harmless one and can make no guest.
 */
export async function withReader<T>(
  endpoint: Endpoint,
  work: (reader: Endpoint, isOfStrangers: boolean) => Promise<T>,
  invite?: (admin: Session, guest: string) => Promise<void>,
): Promise<T> {
  const isOfStrangers = await withSession(endpoint, look);
  if (!isOfStrangers) return await work(endpoint, false);
  return await withGuest(endpoint, {
    invite: async (admin, guest) => {
      await inviteReader(admin, guest);
      await invite?.(admin, guest);
    },
    work: (login) => work(login, true),
  });
}

async function look(session: Session): Promise<boolean> {
  if ((await strangersRoles(session)).length === 0 && !(await isMarkedUntrusted(session))) return false;
  await assertNoStandby(session);
  return true;
}

/** A role can't be made on a standby, and SET ROLE is no wall: what runs behind it can RESET ROLE. */
async function assertNoStandby(session: Session): Promise<void> {
  const { endpoint } = session;
  const { isStandby } = await session.one(
    z.object({ isStandby: z.boolean() }),
    'SELECT pg_is_in_recovery() AS "isStandby"',
  );
  if (!isStandby || isHarmless(await readRights(session, endpoint.database))) return;
  throw new LcbError({
    code: 'sql.rightsTooWide',
    message: `The ${describeEndpoint(endpoint)} holds what somebody else wrote, and is a standby, where no role without rights can be made to read it. Back up the primary, or take a user that has this database only.`,
  });
}
