import type { DatabaseLoad } from '@lcb/core';
import { compareTables, type ExpectedTables } from '../../counts/compare-tables.ts';
import { readShape } from '../catalog/database-facts.ts';
import { listDumpedTables } from '../catalog/tables.ts';
import type { Endpoint } from '../connection/endpoint.ts';
import { type Session, withSession } from '../connection/session.ts';
import { countTables } from '../dump/count-tables.ts';
import { prepareSession } from '../dump/snapshot.ts';

/** Counts in the target what the dump counted in the source. */
export async function countLoaded(
  endpoint: Endpoint,
  expected: ExpectedTables,
  signal: AbortSignal,
): Promise<Omit<DatabaseLoad, 'settingsLeftOut'>> {
  const count = async (session: Session) => {
    const { version } = await prepareSession(session);
    const counted = await countTables(session, await listDumpedTables(session), signal);
    const { largeObjects, sequences } = await readShape(session);
    return {
      database: endpoint.database,
      serverVersion: version,
      tables: counted.length,
      rows: counted.reduce((total, { sourceRows }) => total + sourceRows, 0),
      largeObjects,
      sequences,
      differences: compareTables(expected, counted),
    };
  };
  return await withSession(endpoint, count, { signal });
}
