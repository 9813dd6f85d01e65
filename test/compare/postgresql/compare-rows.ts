import type { Client } from 'pg';
import type { DifferenceLog } from '../difference-log.ts';
import { copyLines, hashRows } from './row-hash.ts';
import { type ComparedTable, listTables } from './tables.ts';

const SHOWN_CHARACTERS = 160;

/** Compares the rows of every table that both sides have. Returns how many rows each side has in all tables. */
export async function compareRows(
  a: Client,
  b: Client,
  log: DifferenceLog,
): Promise<{ a: number; b: number }> {
  const [tablesA, tablesB] = await Promise.all([listTables(a), listTables(b)]);
  const rows = { a: 0, b: 0 };
  for (const name of new Set([...tablesA.keys(), ...tablesB.keys()])) {
    const tableA = tablesA.get(name);
    const tableB = tablesB.get(name);
    const [hashA, hashB] = await Promise.all([tableA && hashRows(a, tableA), tableB && hashRows(b, tableB)]);
    rows.a += hashA?.rows ?? 0;
    rows.b += hashB?.rows ?? 0;
    // A table that one side lacks has been named with the definitions.
    if (!tableA || !tableB || !hashA || !hashB || hashA.sha256 === hashB.sha256) continue;
    const first = await firstDifference(a, tableA, b, tableB);
    log.add('rows', name, `rows a: ${hashA.rows}, b: ${hashB.rows}; first difference at ${first}`);
  }
  return rows;
}

/** Reads both tables again, side by side, up to the first row that differs. */
async function firstDifference(
  a: Client,
  tableA: ComparedTable,
  b: Client,
  tableB: ComparedTable,
): Promise<string> {
  const linesA = copyLines(a, tableA);
  const linesB = copyLines(b, tableB);
  let found: string | undefined;
  for (let row = 1; ; row++) {
    const [lineA, lineB] = await Promise.all([linesA.next(), linesB.next()]);
    if (lineA.done && lineB.done) return found ?? 'no row: only the columns differ';
    // The rest is read to its end, because a COPY cannot be left halfway without ending the transaction.
    if (found === undefined && lineA.value !== lineB.value) {
      found = `row ${row}: a: ${shown(lineA)} | b: ${shown(lineB)}`;
    }
  }
}

function shown(line: IteratorResult<string, void>): string {
  if (line.done) return '(no row)';
  return line.value.length > SHOWN_CHARACTERS ? `${line.value.slice(0, SHOWN_CHARACTERS)}…` : line.value;
}
