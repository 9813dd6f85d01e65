import { randomBytes } from 'node:crypto';
import { LcbError } from '@lcb/core';
import { z } from 'zod';
import { scrubber } from '../../stream/scrub.ts';
import { quoteIdentifier, quoteLiteral } from '../catalog/quote.ts';
import { describeEndpoint, type Endpoint } from '../connection/endpoint.ts';
import { type Session, withSession } from '../connection/session.ts';
import { dismissGuest, sweepGuests } from './dismiss-guest.ts';
import { guestNames } from './guest-names.ts';
import { isHarmless, readRights } from './rights.ts';
import { scramVerifier } from './scram.ts';

/** How long the guest may still log in. It logs in at once, and a session outlives this; see {@link renewLogin}. */
const LOGIN_MINUTES = 15;

export interface GuestWork<T> {
  /** Gives the guest rights on what is in the database, beyond those to create something new. */
  readonly invite?: (admin: Session, guest: string) => Promise<void>;
  readonly work: (endpoint: Endpoint, guest: string | undefined) => Promise<T>;
}

/**
 * Runs somebody else's SQL with no more rights than to one database: as a role made for this and dropped afterwards, or as
 * the connection's own user where that has nothing else. Function bodies can't be judged by reading them, so this is what
 * holds when a statement does more than it says.
 *
 * @throws LcbError `sql.rightsTooWide` where neither is possible.
 */
export async function withGuest<T>(endpoint: Endpoint, { invite, work }: GuestWork<T>): Promise<T> {
  const guest = await withSession(endpoint, (admin) => prepareGuest(admin, endpoint));
  if (!guest) return await work(endpoint, undefined);
  // A session of its own at the end: after hours without a word servers and networks end one.
  const dismiss = () => withSession(endpoint, (admin) => dismissGuest(admin, endpoint.database));
  try {
    await withSession(endpoint, async (admin) => invite?.(admin, guest.user));
    const result = await work(guest, guest.user);
    await dismiss();
    return result;
  } catch (error) {
    // The first failure counts. If this one fails too, the role is found by its name the next time.
    await Promise.allSettled([dismiss()]);
    throw error;
  }
}

/**
 * Asked before anything is done to the database, from any session on its server.
 *
 * @returns whether a guest is needed. @throws LcbError `sql.rightsTooWide`
 */
export async function needsGuest(session: Session, endpoint: Endpoint): Promise<boolean> {
  const rights = await readRights(session, endpoint.database);
  if (isHarmless(rights)) return false;
  if (rights.isSuperuser || rights.createsRoles) return true;
  throw tooWide(endpoint);
}

/** @returns how the guest logs in, or undefined where the connection's user is as little as one. */
async function prepareGuest(admin: Session, endpoint: Endpoint): Promise<Endpoint | undefined> {
  if (!(await needsGuest(admin, endpoint))) return undefined;
  await sweepGuests(admin);
  // Of a load that was killed.
  await dismissGuest(admin, endpoint.database);
  const { guest } = guestNames(endpoint.database);
  const password = randomBytes(24).toString('base64url');
  await createGuest(admin, endpoint.database, guest, password);
  return { ...endpoint, user: guest, password, scrub: scrubber([endpoint.password, password]) };
}

async function createGuest(admin: Session, database: string, guest: string, password: string): Promise<void> {
  const role = quoteIdentifier(guest);
  const until = await loginEnd(admin);
  await admin.run(
    `CREATE ROLE ${role} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS NOINHERIT
       PASSWORD ${quoteLiteral(scramVerifier(password))} VALID UNTIL ${quoteLiteral(until)};
     GRANT CONNECT, CREATE, TEMPORARY ON DATABASE ${quoteIdentifier(database)} TO ${role}`,
  );
  // It may have been dropped; and before PostgreSQL 15 everybody may create in it.
  await admin.runUnlessRefused(`GRANT USAGE, CREATE ON SCHEMA public TO ${role}`, ['3F000', '42501']);
}

/** Lets the guest log in once more: a load before it may have taken hours. */
export async function renewLogin(admin: Session, guest: string): Promise<void> {
  await admin.run(`ALTER ROLE ${quoteIdentifier(guest)} VALID UNTIL ${quoteLiteral(await loginEnd(admin))}`);
}

async function loginEnd(admin: Session): Promise<string> {
  const { until } = await admin.one(
    z.object({ until: z.string() }),
    `SELECT (now() + interval '${LOGIN_MINUTES} minutes')::text AS until`,
  );
  return until;
}

function tooWide(endpoint: Endpoint): LcbError {
  return new LcbError({
    code: 'sql.rightsTooWide',
    message: `Somebody else's SQL is not run in ${describeEndpoint(endpoint)}: the user has rights on the server or owns other databases, and may not create a role with fewer. Take a user that owns this database only, or one that may create roles.`,
  });
}
