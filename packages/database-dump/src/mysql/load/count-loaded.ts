import type { DatabaseLoad } from '@lcb/core';
import { compareTables, type ExpectedTables } from '../../counts/compare-tables.ts';
import { liftTimeLimits, type Server } from '../catalog/server.ts';
import { countRows, countSequences, listTables } from '../catalog/tables.ts';
import type { Session } from '../connection/session.ts';
import type { DatabaseNames } from '../scanner/database-names.ts';
import type { LoadedCounts } from './mark.ts';

/** Counts in the target what the dump carried, and tells of it by the names of the source. */
export async function countLoaded(
  session: Session,
  server: Server,
  {
    names,
    expected,
    signal,
  }: { readonly names: DatabaseNames; readonly expected: ExpectedTables; readonly signal: AbortSignal },
): Promise<LoadedCounts & Pick<DatabaseLoad, 'differences'>> {
  await liftTimeLimits(session, server);
  const nameAtSource = sourceNames(names, expected, server);
  const targets = [...names.values()];
  const counted = [];
  for (const found of await listTables(session, targets)) {
    signal.throwIfAborted();
    counted.push({ ...nameAtSource(found.schema, found.table), sourceRows: await countRows(session, found) });
  }
  return {
    tables: counted.length,
    rows: counted.reduce((total, { sourceRows }) => total + sourceRows, 0),
    sequences: await countSequences(session, targets),
    differences: compareTables(expected, counted),
  };
}

/** A server that does not heed case may have stored `DLFileEntry` as `dlfileentry`. */
function sourceNames(names: DatabaseNames, expected: ExpectedTables, { heedsCase }: Server) {
  const fold = (name: string) => (heedsCase ? name : name.toLowerCase());
  const id = (schema: string, table: string) => JSON.stringify([fold(schema), fold(table)]);
  const known = new Map(
    [...expected.values()].map(({ schema, table }) => [
      id(names.get(schema) ?? schema, table),
      { schema, table },
    ]),
  );
  const schemas = new Map([...names].map(([from, to]) => [fold(to), from]));
  return (schema: string, table: string) =>
    known.get(id(schema, table)) ?? { schema: schemas.get(fold(schema)) ?? schema, table };
}
