import type { Clock } from '../ports/clock.ts';
import { type DatabaseDump, type TableCount, tableCountSchema } from '../ports/database-engine.ts';
import type { ObjectStore } from '../ports/object-store.ts';
import { readJsonLines } from '../repository/json-lines.ts';
import type { Check } from '../repository/manifest.ts';
import { check } from './check.ts';
import { countsAgree } from './counts-agree.ts';
import { readDumpPart } from './read-dump.ts';

export interface DatabaseCheckRequest {
  readonly store: ObjectStore;
  /** `…/backups/{backupId}/` */
  readonly prefix: string;
  readonly dump: DatabaseDump;
  readonly expectedTables: readonly string[];
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** The checks on a stored dump (requirements 5.3), made on what was stored, not on what was meant to be. */
export async function checkDatabase(request: DatabaseCheckRequest): Promise<Check[]> {
  const { store, prefix, dump, clock, signal } = request;
  const counts = await compareCounts(
    readJsonLines(store, prefix, dump.tables, tableCountSchema),
    dump.moment,
  );
  const checks: Check[] = [
    await check(clock, 'database', 'database.dumpSize', () => ({
      ok: dump.storedBytes > 0 && dump.bytes > 0,
      expected: 'more than 0 bytes',
      measured: `${dump.bytes} bytes, ${dump.storedBytes} stored`,
    })),
    await check(clock, 'database', 'database.compressionIntegrity', async () => {
      const problems: string[] = [];
      for (const part of dump.parts) {
        const reading = await readDumpPart(store, prefix, part, signal);
        if (!reading.ok) problems.push(reading.problem);
      }
      return {
        ok: problems.length === 0,
        expected: `${dump.parts.length} part(s) read back, decompressed, with the hashes of the dump`,
        measured: problems.length === 0 ? 'all as dumped' : problems.join('; '),
      };
    }),
    await check(clock, 'database', 'database.schemaMarkers', () => {
      const missing = request.expectedTables.filter((table) => !counts.names.has(normalised(table)));
      return {
        ok: missing.length === 0,
        expected: `tables ${request.expectedTables.join(', ') || '(none asked for)'}`,
        measured:
          missing.length === 0
            ? `${counts.tables} tables, these among them`
            : `missing: ${missing.join(', ')}`,
      };
    }),
    await check(clock, 'database', 'database.rowCounts', () => ({
      ok: counts.differing.length === 0 && counts.tables === dump.tables.count,
      expected: `${dump.tables.sourceRows} rows in ${dump.tables.count} tables, as counted at the source ${dump.moment === 'shared' ? "in the dump's snapshot" : 'beside the dump, so about as many'}`,
      measured: describe(counts) + uncovered(dump),
    })),
    await check(clock, 'database', 'database.sequences', () => ({
      ok: dump.sequences.count === dump.sequences.sourceCount,
      expected: `${dump.sequences.sourceCount} sequences`,
      measured: `${dump.sequences.count} set in the dump`,
    })),
    await check(clock, 'database', 'database.largeObjects', () => ({
      ok: dump.largeObjects.count === dump.largeObjects.sourceCount,
      expected: `${dump.largeObjects.sourceCount} large objects`,
      measured: `${dump.largeObjects.count} in the dump`,
    })),
  ];
  return checks;
}

interface Counts {
  readonly tables: number;
  readonly rows: number;
  /** Without schema, case and quotes. */
  readonly names: ReadonlySet<string>;
  readonly differing: readonly TableCount[];
}

async function compareCounts(
  tables: AsyncIterable<TableCount>,
  moment: DatabaseDump['moment'],
): Promise<Counts> {
  const names = new Set<string>();
  const differing: TableCount[] = [];
  let count = 0;
  let rows = 0;
  for await (const table of tables) {
    count += 1;
    rows += table.rows;
    names.add(normalised(table.table));
    if (!countsAgree(table, moment)) differing.push(table);
  }
  return { tables: count, rows, names, differing };
}

function describe(counts: Counts): string {
  if (counts.differing.length === 0) return `${counts.rows} rows in ${counts.tables} tables`;
  const [first] = counts.differing;
  return `${counts.differing.length} tables differ, such as ${first?.schema}.${first?.table}: ${first?.rows} rows instead of ${first?.sourceRows}`;
}

/** Tables that no snapshot holds still, for whoever reads the check. */
function uncovered({ nonTransactional }: DatabaseDump): string {
  if (nonTransactional.length === 0) return '';
  const [first, ...others] = nonTransactional.map(
    ({ schema, table, storageEngine }) => `${schema}.${table} (${storageEngine})`,
  );
  return `; no snapshot covers ${first}${others.length === 0 ? '' : ` and ${others.length} more tables`}`;
}

function normalised(table: string): string {
  return table.replaceAll(/["`[\]]/g, '').toLowerCase();
}
