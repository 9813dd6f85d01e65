import { setTimeout } from 'node:timers/promises';
import { LcbError } from '@lcb/core';
import { z } from 'zod';
import { quoteIdentifier } from '../catalog/quote.ts';
import { isOfExtension, isUserSchema } from '../catalog/user-objects.ts';
import { describeEndpoint, type Endpoint } from '../connection/endpoint.ts';
import { type Session, withSession } from '../connection/session.ts';
import { guestPattern } from '../guest/guest-names.ts';
import { allHolders, endOtherSessions, relationHolders } from './lock-holders.ts';
import { isEmpty } from './target-state.ts';

/** What a statement of this module drops: type and identity as `pg_identify_object` gives them, quoted where needed. */
const droppable = z.object({ type: z.string(), identity: z.string() });
const schemaRow = z.object({ schema: z.string() });

/** Objects of no schema that a dump makes again. Everything with an id below belongs to the server itself. */
const FIRST_USER_ID = 16_384;
const OUTSIDE_OF_SCHEMAS = [
  'pg_event_trigger',
  'pg_foreign_server',
  'pg_foreign_data_wrapper',
  'pg_cast',
  'pg_language',
  'pg_am',
] as const;

/** How many large objects one transaction removes: each takes a lock, and a server has room for some thousands. */
const LARGE_OBJECT_BATCH = 1000;

/** How often a lock is waited for before the database is given up: an application's pool connects again and again. */
const TRIES = 3;
/** lock_not_available */
const LOCK_NOT_AVAILABLE = '55P03';
/** Milliseconds between two looks at who is there. */
const POLL = 500;

export interface Emptying {
  readonly endpoint: Endpoint;
  /** How long to wait for what somebody uses who can't be ended; milliseconds. */
  readonly lockWait: number;
  readonly signal: AbortSignal;
}

/**
 * Removes everything that a user made in a database, large objects included: they belong to no schema and would stay.
 * The database itself stays, with its owner and its grants, and so do extensions, which the dump expects or makes. Sessions
 * of others are ended first; whoever connects again meanwhile has to be kept away by the caller (a hook that stops the
 * application).
 *
 * @throws LcbError `database.permission` for objects of somebody else, `database.notEmptied`
 */
export async function emptyDatabase(emptying: Emptying): Promise<void> {
  const { endpoint, lockWait, signal } = emptying;
  await withSession(
    endpoint,
    async (session) => {
      await session.run(
        `SET statement_timeout = 0; SET lock_timeout = ${lockWait}; SET client_min_messages = error`,
      );
      await assertMayDrop(session, endpoint);
      await assertFree(session, emptying);
      for (const catalog of OUTSIDE_OF_SCHEMAS)
        await dropAll(session, emptying, await outsideOfSchemas(session, catalog));
      for (const { schema } of await userSchemas(session)) {
        if (schema === 'public') await dropAll(session, emptying, await objectsIn(session, schema));
        else await drop(session, emptying, `DROP SCHEMA IF EXISTS ${quoteIdentifier(schema)} CASCADE`);
      }
      await removeLargeObjects(session, signal);
      await assertEmpty(session, endpoint);
    },
    { signal },
  );
}

/**
 * Found before the first object is gone: a database that is half emptied is worse than one that was not touched. What an
 * earlier restore loaded as a guest belongs to a role that nobody uses, and may go.
 */
async function assertMayDrop(session: Session, endpoint: Endpoint): Promise<void> {
  const mine = `(SELECT oid FROM pg_roles
    WHERE rolname = current_user OR (rolname ~ '${guestPattern}' AND pg_has_role(oid, 'USAGE')))`;
  const inUserSchema = (catalog: string, namespace: string, owner: string, name: string) =>
    `SELECT format('%I.%I', n.nspname, c.${name}) AS name, c.${owner}::regrole::text AS owner
     FROM ${catalog} c JOIN pg_namespace n ON n.oid = c.${namespace}
     WHERE ${isUserSchema} AND NOT ${isOfExtension(catalog, 'c.oid')} AND c.${owner} NOT IN ${mine}`;
  const [first] = await session.query(
    z.object({ name: z.string(), owner: z.string() }),
    `(${inUserSchema('pg_class', 'relnamespace', 'relowner', 'relname')}) UNION ALL
     (${inUserSchema('pg_proc', 'pronamespace', 'proowner', 'proname')}) UNION ALL
     (${inUserSchema('pg_type', 'typnamespace', 'typowner', 'typname')}) UNION ALL
     (SELECT format('schema %I', n.nspname), n.nspowner::regrole::text FROM pg_namespace n
      WHERE ${isUserSchema} AND n.nspname <> 'public' AND NOT ${isOfExtension('pg_namespace', 'n.oid')}
        AND n.nspowner NOT IN ${mine}) UNION ALL
     (SELECT format('large object %s', l.oid), l.lomowner::regrole::text FROM pg_largeobject_metadata l
      WHERE l.lomowner NOT IN ${mine})
     LIMIT 1`,
  );
  if (first === undefined) return;
  throw new LcbError({
    code: 'database.permission',
    message: `The ${describeEndpoint(endpoint)} can not be replaced by this user: ${first.name} belongs to ${first.owner}. What is restored would belong to this user, and ${first.owner} could not use it. Restore as ${first.owner}. Nothing was changed.`,
  });
}

/**
 * Ends the other sessions until none is left that uses anything. Before the first object is gone: who can't be ended would have
 * the drop wait for ever, with half of the database gone.
 */
async function assertFree(session: Session, { endpoint, lockWait }: Emptying): Promise<void> {
  const until = Date.now() + lockWait;
  for (;;) {
    await endOtherSessions(session);
    const holders = await relationHolders(session);
    if (holders.length === 0) return;
    if (Date.now() >= until) throw inUse(endpoint, holders, 'Nothing was dropped.');
    await setTimeout(Math.min(POLL, lockWait));
  }
}

/** Whoever connected again meanwhile is ended again, so that no lock is waited for but for a while. */
async function drop(session: Session, { endpoint }: Emptying, sql: string): Promise<void> {
  for (let count = 1; ; count += 1) {
    const refused = await session.runUnlessRefused(sql, [LOCK_NOT_AVAILABLE]);
    if (refused === undefined) return;
    if (count === TRIES)
      throw inUse(endpoint, await allHolders(session), 'A part of what was there has been dropped already.');
    await endOtherSessions(session);
  }
}

async function userSchemas(session: Session): Promise<z.infer<typeof schemaRow>[]> {
  return await session.query(
    schemaRow,
    `SELECT n.nspname AS schema FROM pg_namespace n
     WHERE ${isUserSchema} AND NOT ${isOfExtension('pg_namespace', 'n.oid')} ORDER BY n.nspname`,
  );
}

async function outsideOfSchemas(
  session: Session,
  catalog: (typeof OUTSIDE_OF_SCHEMAS)[number],
): Promise<z.infer<typeof droppable>[]> {
  return await session.query(
    droppable,
    `SELECT o.type, o.identity FROM ${catalog} c, pg_identify_object('${catalog}'::regclass, c.oid, 0) o
     WHERE c.oid >= ${FIRST_USER_ID} AND NOT ${isOfExtension(catalog, 'c.oid')}`,
  );
}

/** What lies directly in a schema. Everything else there (indexes, triggers, row types) goes with one of these. */
async function objectsIn(session: Session, schema: string): Promise<z.infer<typeof droppable>[]> {
  return await session.query(
    droppable,
    `SELECT DISTINCT o.type, o.identity
     FROM pg_depend m JOIN pg_namespace n ON n.oid = m.refobjid,
       LATERAL pg_identify_object(m.classid, m.objid, 0) o
     WHERE m.refclassid = 'pg_namespace'::regclass AND n.nspname = $1 AND m.deptype = 'n'
       AND m.classid NOT IN ('pg_extension'::regclass, 'pg_default_acl'::regclass)
       AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = m.classid AND d.objid = m.objid
         -- Of an extension, or, as an identity column's sequence, of another object that it goes with.
         AND (d.deptype = 'e' OR (d.deptype = 'i' AND d.objsubid = 0)))`,
    [schema],
  );
}

/** One statement at a time: a large schema in one transaction would take more locks than the server has room for. */
async function dropAll(
  session: Session,
  emptying: Emptying,
  objects: readonly z.infer<typeof droppable>[],
): Promise<void> {
  for (const { type, identity } of objects) {
    // The server's own words for both; a name in it is quoted where it has to be.
    await drop(session, emptying, `DROP ${type} IF EXISTS ${identity} CASCADE`);
  }
}

async function removeLargeObjects(session: Session, signal: AbortSignal): Promise<void> {
  for (;;) {
    signal.throwIfAborted();
    const { removed } = await session.one(
      z.object({ removed: z.coerce.number() }),
      `SELECT count(lo_unlink(oid)) AS removed
       FROM (SELECT oid FROM pg_largeobject_metadata LIMIT ${LARGE_OBJECT_BATCH}) batch`,
    );
    if (removed === 0) return;
  }
}

/** A load into what is left over would fail half-way, or worse, keep it. */
async function assertEmpty(session: Session, endpoint: Endpoint): Promise<void> {
  if (await isEmpty(session)) return;
  throw new LcbError({
    code: 'database.notEmptied',
    message: `The ${describeEndpoint(endpoint)} still holds objects after everything in it was dropped. Something is at work there: stop the application and restore again.`,
    retryable: true,
  });
}

function inUse(endpoint: Endpoint, holders: readonly string[], done: string): LcbError {
  const who = holders.length === 0 ? 'another session' : holders.join(', ');
  return new LcbError({
    code: 'database.notEmptied',
    message: `The ${describeEndpoint(endpoint)} can not be emptied: it is in use by ${who}, which this user may not end. End that, keep the application stopped, and restore again. ${done}`,
    retryable: true,
  });
}
