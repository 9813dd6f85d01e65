import {
  type DatabaseDump,
  type DatabaseSelection,
  type DatabaseSetting,
  type DumpRequest,
  type Interval,
  matchesTable,
  type PostgresqlLocale,
} from '@lcb/core';
import { z } from 'zod';
import { selectSchemas } from '../../sql/select-schemas.ts';
import { inLibraryTime } from '../../stream/library-time.ts';
import {
  type DatabaseShape,
  estimateDumpBytes,
  readServerVersion,
  readShape,
  type ServerVersion,
} from '../catalog/database-facts.ts';
import { readLocale } from '../catalog/locale.ts';
import { readSettings } from '../catalog/settings.ts';
import { type DumpedTable, listDumpedTables, lockTables } from '../catalog/tables.ts';
import type { Session } from '../connection/session.ts';

/** One moment of a database, held open by a session; everything of a dump is read from it. */
export interface Snapshot {
  /** What `pg_dump --snapshot` takes. Valid while the session's transaction is open. */
  readonly id: string;
  /** By the server's clock. */
  readonly time: Interval;
  /** By the clock of the store that holds the library, where that was asked for. */
  readonly libraryTime: Interval | undefined;
  readonly server: ServerVersion;
  readonly shape: DatabaseShape;
  readonly locale: PostgresqlLocale;
  readonly settings: readonly DatabaseSetting[];
  /** Schemas that the selection leaves out. */
  readonly leftOut: readonly string[];
  /** Sorted by schema and table. They can't be dropped or truncated while the snapshot is held. */
  readonly tables: readonly SelectedTable[];
  readonly expectedBytes: number;
}

/** A table of the dump, and whether the selection leaves its rows out. */
export interface SelectedTable extends DumpedTable {
  readonly isWithoutData: boolean;
}

const clockRow = z.object({ ms: z.coerce.number() });
const CLOCK = 'extract(epoch FROM clock_timestamp()) * 1000';

/** Makes a session fit for hours of reading. @throws LcbError `database.serverUnsupported` */
export async function prepareSession(session: Session): Promise<ServerVersion> {
  const server = await readServerVersion(session);
  await session.run(sessionSettings(server.major));
  return server;
}

/**
 * Opens the transaction that exports the snapshot, in this session, and takes the locks.
 *
 * @param lockWait how long to wait for a table that somebody holds exclusively; milliseconds.
 * @throws LcbError `database.lockTimeout`, `database.permission`
 */
export async function takeSnapshot(
  session: Session,
  server: ServerVersion,
  lockWait: number,
  selection: DatabaseSelection,
  libraryClock: DumpRequest['libraryClock'],
): Promise<Snapshot> {
  const before = await session.one(clockRow, `SELECT ${CLOCK} AS ms`);
  const { value: exported, libraryTime } = await inLibraryTime(libraryClock, async () => {
    await session.run('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    return session.one(
      clockRow.extend({ id: z.string() }),
      `SELECT pg_export_snapshot() AS id, ${CLOCK} AS ms`,
    );
  });
  const { leftOut } = selectSchemas((await readShape(session)).schemas, selection);
  const tables = (await listDumpedTables(session))
    .filter(({ schema }) => !leftOut.includes(schema))
    .map((table) => ({
      ...table,
      isWithoutData: matchesTable(selection.withoutData, table.schema, table.table),
    }));
  await session.run(`SET LOCAL lock_timeout = ${lockWait}`);
  await lockTables(session, tables);
  await session.run('SET LOCAL lock_timeout = 0');
  return {
    id: exported.id,
    time: { from: timeText(Math.floor(before.ms)), to: timeText(Math.ceil(exported.ms)) },
    libraryTime,
    server,
    shape: await readShape(session, leftOut),
    leftOut,
    locale: await readLocale(session, server.major),
    settings: await readSettings(session),
    tables,
    expectedBytes: await estimateDumpBytes(session),
  };
}

export function leftOutOf({ leftOut, tables }: Snapshot): DatabaseDump['leftOut'] {
  const data = tables.filter(({ isWithoutData }) => isWithoutData);
  return { schemas: [...leftOut], data: data.map(({ schema, table }) => ({ schema, table })) };
}

function timeText(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}

/** A dump takes hours and its session may be idle for as long: no limit of the server or the role may end it. */
function sessionSettings(serverMajor: number): string {
  return [
    'SET statement_timeout = 0',
    'SET lock_timeout = 0',
    'SET idle_in_transaction_session_timeout = 0',
    ...(serverMajor >= 14 ? ['SET idle_session_timeout = 0'] : []),
    // So that a count of a large table ends soon when this process is gone.
    ...(serverMajor >= 14 ? ["SET client_connection_check_interval = '10s'"] : []),
    ...(serverMajor >= 17 ? ['SET transaction_timeout = 0'] : []),
    // Rather an error than rows that a policy hides; pg_dump does the same.
    'SET row_security = off',
    'SET search_path = pg_catalog',
    "SET TIME ZONE 'UTC'",
    'SET standard_conforming_strings = on',
  ].join('; ');
}
