import { type DatabaseSelection, matchesTable } from '@lcb/core';
import type { Session } from '../connection/session.ts';
import { type SelectedDatabases, selectDatabases } from './select-databases.ts';
import { readServer, type Server } from './server.ts';
import { type FoundTable, isTransactional, keepsRowsElsewhere, listTables } from './tables.ts';

/** What there is to be dumped. */
export interface Survey {
  readonly server: Server;
  readonly databases: SelectedDatabases;
  readonly tables: readonly FoundTable[];
  /** Only the definition of this table is dumped. */
  readonly isWithoutData: (table: { readonly schema: string; readonly table: string }) => boolean;
  /** Tables whose rows are dumped and that no snapshot holds still. */
  readonly nonTransactional: readonly FoundTable[];
}

/** @throws LcbError `database.notFound`, `database.serverUnsupported`, `database.nothingSelected` */
export async function survey(session: Session, selection: DatabaseSelection): Promise<Survey> {
  const server = await readServer(session);
  const databases = await selectDatabases(session, server, selection);
  const tables = await listTables(session, databases.chosen);
  const elsewhere = new Set(tables.filter(keepsRowsElsewhere).map(nameOf));
  const isWithoutData = (table: { readonly schema: string; readonly table: string }) =>
    elsewhere.has(nameOf(table)) || matchesTable(selection.withoutData, table.schema, table.table);
  return {
    server,
    databases,
    tables,
    isWithoutData,
    nonTransactional: tables.filter((table) => !isTransactional(table) && !isWithoutData(table)),
  };
}

function nameOf({ schema, table }: { readonly schema: string; readonly table: string }): string {
  return JSON.stringify([schema, table]);
}
