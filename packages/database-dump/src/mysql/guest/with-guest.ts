import { createHash, randomBytes } from 'node:crypto';
import { LcbError } from '@lcb/core';
import { z } from 'zod';
import { scrubber } from '../../stream/scrub.ts';
import { quoteLiteral } from '../catalog/quote.ts';
import { describeEndpoint, type Endpoint } from '../connection/endpoint.ts';
import { type Session, withSession } from '../connection/session.ts';
import { escapePattern, readRights } from './rights.ts';

/** The guest's name comes from the database's, so that what a crash left is found again. */
export function guestName(database: string): string {
  return `lcb_import_${createHash('sha256').update(database).digest('hex').slice(0, 16)}`;
}

/**
 * Runs somebody else's SQL with no more rights than to one database: as a user made for this, or as the connection's own
 * where that has nothing else.
 *
 * Views, triggers and routines that the guest has made run with its rights, so then it stays: without a password that
 * anybody knows, locked, and with rights to this database only. Else it is dropped.
 *
 * @param rights such as `ALL PRIVILEGES`.
 * @throws LcbError `sql.rightsTooWide` where neither is possible.
 */
export async function withGuest<T>(
  endpoint: Endpoint,
  rights: string,
  work: (login: Endpoint) => Promise<T>,
): Promise<T> {
  const guest = await withSession(endpoint, (admin) => prepareGuest(admin, endpoint, rights));
  if (!guest) return await work(endpoint);
  // A session of its own at the end: after hours without a word networks end one.
  const dismiss = () => withSession(endpoint, (admin) => dismissGuest(admin, endpoint.database));
  try {
    const result = await work(guest);
    await dismiss();
    return result;
  } catch (error) {
    // The first failure counts. If this one fails too, the user is found by its name the next time.
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
  const own = await readRights(session, endpoint.database);
  if (own.isHarmless) return false;
  if (own.createsUsers) return true;
  throw tooWide(endpoint);
}

/** @returns how the guest logs in, or undefined where the connection's user is as little as one. */
async function prepareGuest(
  admin: Session,
  endpoint: Endpoint,
  rights: string,
): Promise<Endpoint | undefined> {
  if (!(await needsGuest(admin, endpoint))) return undefined;
  const guest = guestName(endpoint.database);
  const password = randomBytes(24).toString('base64url');
  await inviteGuest(admin, endpoint.database, { guest, password, rights });
  return { ...endpoint, user: guest, password, scrub: scrubber([endpoint.password, password]) };
}

interface Invitation {
  readonly guest: string;
  readonly password: string;
  readonly rights: string;
}

async function inviteGuest(
  admin: Session,
  database: string,
  { guest, password, rights }: Invitation,
): Promise<void> {
  const user = quoteLiteral(guest);
  const pattern = `\`${escapePattern(database)}\`.*`;
  // One that an earlier load left is taken up: what it made in this database goes on to be its own.
  await admin.run(`CREATE USER IF NOT EXISTS ${user}@'%'`);
  await admin.run(`ALTER USER ${user}@'%' IDENTIFIED BY ${quoteLiteral(password)} ACCOUNT UNLOCK`);
  await admin.run(`GRANT ${rights} ON ${pattern} TO ${user}@'%'`);
}

/** Drops the guest of a database, or locks it where something there runs with its rights. */
async function dismissGuest(admin: Session, database: string): Promise<void> {
  const guest = guestName(database);
  const user = quoteLiteral(guest);
  const { made } = await admin.one(
    z.object({ made: z.coerce.number() }),
    `SELECT (SELECT COUNT(*) FROM information_schema.views WHERE definer = ?)
       + (SELECT COUNT(*) FROM information_schema.triggers WHERE definer = ?)
       + (SELECT COUNT(*) FROM information_schema.routines WHERE definer = ?)
       + (SELECT COUNT(*) FROM information_schema.events WHERE definer = ?) AS made`,
    Array(4).fill(`${guest}@%`),
  );
  if (made === 0) await admin.run(`DROP USER IF EXISTS ${user}@'%'`);
  else {
    const nobodys = quoteLiteral(randomBytes(24).toString('base64url'));
    await admin.run(`ALTER USER IF EXISTS ${user}@'%' IDENTIFIED BY ${nobodys} ACCOUNT LOCK`);
  }
}

/** After its database: nothing is left that could run with its rights. Users that may not drop it leave it, locked. */
export async function dropGuest(admin: Session, database: string): Promise<void> {
  await admin.runUnlessRefused(`DROP USER IF EXISTS ${quoteLiteral(guestName(database))}@'%'`, [
    'ER_SPECIFIC_ACCESS_DENIED_ERROR',
    'ER_DBACCESS_DENIED_ERROR',
  ]);
}

function tooWide(endpoint: Endpoint): LcbError {
  return new LcbError({
    code: 'sql.rightsTooWide',
    message: `Somebody else's SQL is not run in ${describeEndpoint(endpoint)}: the user has rights beyond that database, and may not create a user with fewer. Take a user that has this database only, or one that may create users and grant rights on it.`,
  });
}
