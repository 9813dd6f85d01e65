import { type DatabaseSelection, InvalidRequestError, matchesName } from '@lcb/core';
import type { SelectedSchemas } from '../../sql/select-schemas.ts';
import type { Session } from '../connection/session.ts';
import { type FoundDatabase, listDatabases, listPartitions, requireDatabase } from './databases.ts';
import type { Server } from './server.ts';

export interface SelectedDatabases extends SelectedSchemas {
  /** The URL's own, which is always the first of the chosen. */
  readonly main: FoundDatabase;
}

/**
 * The databases of an environment: the URL's own, and with it those of its virtual instances, or those that the selection
 * names.
 *
 * @throws LcbError `database.notFound`, `database.nothingSelected`
 */
export async function selectDatabases(
  session: Session,
  server: Server,
  { schemas, ignoreSchemas }: DatabaseSelection,
): Promise<SelectedDatabases> {
  const databases = await listDatabases(session);
  const main = requireDatabase(databases, session, server);
  if (matchesName(ignoreSchemas, main.name)) {
    throw new InvalidRequestError(
      `\`ignoreSchemas\` leaves out ${main.name}, the database that the URL names. Take it out of the list.`,
      'database.nothingSelected',
    );
  }
  const partitions = await listPartitions(session, main.name);
  const named = databases.map(({ name }) => name).filter((name) => matchesName(schemas ?? [], name));
  const wanted = (schemas === undefined ? partitions : named).filter((name) => name !== main.name);
  const chosen = wanted.filter((name) => !matchesName(ignoreSchemas, name));
  const leftOut = [...new Set([...partitions, ...wanted])].filter((name) => !chosen.includes(name)).sort();
  return { main, chosen: [main.name, ...chosen], leftOut };
}
