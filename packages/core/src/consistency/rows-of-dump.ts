import { type DatabaseDump, libraryTables } from '../ports/database-engine.ts';
import type { RowsSource } from './certificate.ts';

/** What the rows beside a dump are worth: are they of the very moment of the dump? */
export function rowsOfDump(dump: DatabaseDump): RowsSource {
  const unsteady = dump.nonTransactional.filter(({ table }) => ofLibrary.has(table.toLowerCase()));
  const caveats = [
    ...(dump.moment === 'shared'
      ? []
      : [
          'They were read in a snapshot of their own near that of the dump, since the user of the backup may not lock the server for a moment.',
        ]),
    ...(unsteady.length === 0
      ? []
      : [
          `No snapshot covers ${unsteady.map(({ table, storageEngine }) => `${table} (${storageEngine})`).join(', ')}: rows that were written during the dump may be in it or not. Convert these tables to InnoDB.`,
        ]),
  ];
  return {
    from: 'dump',
    exact: caveats.length === 0,
    caveats,
    moment: dump.snapshotTime,
    ...(dump.nonTransactional.length === 0 ? {} : { nonTransactional: dump.nonTransactional }),
  };
}

const ofLibrary = new Set(libraryTables.map((table) => table.toLowerCase()));
