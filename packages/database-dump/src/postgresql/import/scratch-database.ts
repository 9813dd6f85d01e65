import { LcbError, type OpenConnection, type PostgresqlLocale } from '@lcb/core';
import { readServerVersion } from '../catalog/database-facts.ts';
import { readLocale } from '../catalog/locale.ts';
import { type Endpoint, parseEndpoint, withDatabase } from '../connection/endpoint.ts';
import { type Session, withSession } from '../connection/session.ts';
import { sweepGuests } from '../guest/dismiss-guest.ts';
import { withMaintenance } from '../load/maintenance.ts';
import { createDatabase, dropDatabase, writeMark } from '../load/target-database.ts';
import { readTarget } from '../load/target-state.ts';

/** Makes the run's scratch database, empty, with the locale of the database `like`; one that it had before is dropped. */
export async function createScratch(connection: OpenConnection, runId: string, like: string): Promise<void> {
  const endpoint = parseEndpoint(connection);
  const locale = await localeLike(endpoint, like);
  await withMaintenance(endpoint, async (maintenance) => {
    const { major } = await readServerVersion(maintenance);
    const { state } = await readTarget(maintenance, endpoint, runId);
    if (state === 'occupied') {
      throw new LcbError({
        code: 'database.targetOccupied',
        message: `The database ${JSON.stringify(endpoint.database)}, which the upload needs for itself, is another's. Look at what it holds, and drop it.`,
      });
    }
    // One that is empty and nobody's was made by an earlier try that did not come to mark it.
    if (state !== 'absent') await dropDatabase(maintenance, endpoint.database);
    await createDatabase(maintenance, major, endpoint.database, locale);
    await writeMark(maintenance, endpoint.database, { runId, loaded: undefined, untrusted: true });
  });
}

/** Of the environment's database; of the server's own, where the environment has none yet and is about to get one. */
async function localeLike(endpoint: Endpoint, like: string): Promise<PostgresqlLocale> {
  const read = async (session: Session) => readLocale(session, (await readServerVersion(session)).major);
  try {
    return await withSession(withDatabase(endpoint, like), read);
  } catch (error) {
    if (!LcbError.isInstance(error) || error.code !== 'database.notFound') throw error;
    return await withMaintenance(endpoint, read);
  }
}

/** Drops it, if it is this run's, and the roles that were made for it. */
export async function dropScratch(connection: OpenConnection, runId: string): Promise<void> {
  const endpoint = parseEndpoint(connection);
  await withMaintenance(endpoint, async (maintenance) => {
    const { state } = await readTarget(maintenance, endpoint, runId);
    if (state === 'ownedByRun') await dropDatabase(maintenance, endpoint.database);
    await sweepGuests(maintenance, endpoint.database);
  });
}
