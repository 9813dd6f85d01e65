import { LcbError, type OpenConnection } from '@lcb/core';
import { listDatabases, requireDatabase } from '../catalog/databases.ts';
import { readServer } from '../catalog/server.ts';
import { type Endpoint, parseEndpoint } from '../connection/endpoint.ts';
import { type Session, withSession } from '../connection/session.ts';
import { holdsObjectsOf } from '../guest/strangers-objects.ts';
import { dropGuest, guestName } from '../guest/with-guest.ts';
import { writeMark } from '../load/mark.ts';
import { createDatabase, dropDatabase } from '../load/target-databases.ts';
import { readTargets } from '../load/target-state.ts';

/**
 * Makes the run's scratch database, empty, with character set and collation of the database `like`; one that it had before
 * is dropped.
 */
export async function createScratch(connection: OpenConnection, runId: string, like: string): Promise<void> {
  const endpoint = parseEndpoint(connection);
  // The session is at the database `like`, for what is said where there is none.
  await onServer({ ...endpoint, database: like }, async (session) => {
    const { locale } = requireDatabase(await listDatabases(session), session, await readServer(session));
    const state = await stateOf(session, endpoint.database, runId);
    if (state === 'occupied') {
      throw new LcbError({
        code: 'database.targetOccupied',
        message: `The database ${JSON.stringify(endpoint.database)}, which the upload needs for itself, is another's. Look at what it holds, and drop it.`,
      });
    }
    // One that is empty and nobody's was made by an earlier try that did not come to mark it.
    if (state !== 'absent') await dropDatabase(session, endpoint.database);
    await createDatabase(session, endpoint.database, locale);
    await writeMark(session, endpoint.database, { runId });
  });
}

/** Drops it, if it is this run's, and the user that was made for it. */
export async function dropScratch(connection: OpenConnection, runId: string): Promise<void> {
  const endpoint = parseEndpoint(connection);
  await onServer(endpoint, async (session) => {
    const state = await stateOf(session, endpoint.database, runId);
    if (state === 'ownedByRun') await dropDatabase(session, endpoint.database);
    if (state === 'ownedByRun' || state === 'absent') await dropGuest(session, endpoint.database);
  });
}

async function stateOf(session: Session, database: string, runId: string) {
  const [target] = await readTargets(session, await readServer(session), [database], runId);
  const state = target?.state ?? 'absent';
  // A scheduled event of the upload may have removed the mark. What the guest made there tells as well whose it is.
  const isOurs = state === 'occupied' && (await holdsObjectsOf(session, database, guestName(database)));
  return isOurs ? 'ownedByRun' : state;
}

async function onServer(endpoint: Endpoint, work: (session: Session) => Promise<void>): Promise<void> {
  await withSession(endpoint, work, { withoutDatabase: true });
}
