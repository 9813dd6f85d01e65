import { LcbError, type MysqlLocale } from '@lcb/core';
import { z } from 'zod';
import { describeEndpoint } from '../connection/endpoint.ts';
import type { Session } from '../connection/session.ts';
import type { Server } from './server.ts';

/** The server's own databases, in any case. */
const SYSTEM = ['mysql', 'information_schema', 'performance_schema', 'sys', 'ndbinfo'];

export interface FoundDatabase {
  readonly name: string;
  readonly locale: MysqlLocale;
}

const databaseRow = z.object({ name: z.string(), characterSet: z.string(), collation: z.string() });

/** The databases that this user can see, without the server's own. */
export async function listDatabases(session: Session): Promise<FoundDatabase[]> {
  const rows = await session.query(
    databaseRow,
    `SELECT schema_name AS name, default_character_set_name AS characterSet, default_collation_name AS collation
     FROM information_schema.schemata ORDER BY schema_name`,
  );
  return rows
    .filter(({ name }) => !isSystemDatabase(name))
    .map(({ name, characterSet, collation }) => ({
      name,
      locale: { provider: 'mysql', characterSet, collation },
    }));
}

export function isSystemDatabase(name: string): boolean {
  return SYSTEM.includes(name.toLowerCase());
}

/** By name, as the server compares names. */
export function findDatabase(
  databases: readonly FoundDatabase[],
  name: string,
  { heedsCase }: Server,
): FoundDatabase | undefined {
  const exact = databases.find((one) => one.name === name);
  if (exact !== undefined || heedsCase) return exact;
  return databases.find((one) => one.name.toLowerCase() === name.toLowerCase());
}

/** The database that the URL names. @throws LcbError `database.notFound` */
export function requireDatabase(
  databases: readonly FoundDatabase[],
  session: Session,
  server: Server,
): FoundDatabase {
  const { endpoint } = session;
  const found = findDatabase(databases, endpoint.database, server);
  if (found !== undefined) return found;
  throw new LcbError({
    code: 'database.notFound',
    message: `There is no ${describeEndpoint(endpoint)} that can be backed up. Check the name of the database.`,
  });
}

/**
 * Databases of virtual instances (`database.partition.enabled`), whatever their prefix is configured to be: each has a view
 * `Company` that looks into the main database. So another environment's partitions on the same server are never taken for
 * one's own.
 */
export async function listPartitions(session: Session, main: string): Promise<string[]> {
  const rows = await session.query(
    z.object({ name: z.string() }),
    `SELECT table_schema AS name FROM information_schema.views
     WHERE table_name IN ('Company', 'company') AND LOCATE(?, view_definition) > 0 AND table_schema <> ?
     ORDER BY table_schema`,
    [`\`${main}\`.`, main],
  );
  return rows.map(({ name }) => name);
}
