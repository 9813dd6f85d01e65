import type { DifferenceLog } from '../difference-log.ts';
import { type ComparedTable, comparedTable, hashRows, readRows, rowText } from './rows.ts';
import type { MysqlSide } from './session.ts';
import { tableNames } from './table-definitions.ts';

const SHOWN_CHARACTERS = 160;

/** Compares the rows of every table that both sides have. Returns how many rows each side has in all tables. */
export async function compareRows(
  a: MysqlSide,
  b: MysqlSide,
  log: DifferenceLog,
): Promise<{ a: number; b: number }> {
  const rows = { a: 0, b: 0 };
  const [tablesA, tablesB] = await Promise.all([listTables(a), listTables(b)]);
  for (const name of new Set([...tablesA.keys(), ...tablesB.keys()])) {
    const tableA = tablesA.get(name);
    const tableB = tablesB.get(name);
    const [hashA, hashB] = await Promise.all([tableA && hashRows(a, tableA), tableB && hashRows(b, tableB)]);
    rows.a += hashA?.rows ?? 0;
    rows.b += hashB?.rows ?? 0;
    // A table that one side lacks has been named with the definitions.
    if (!tableA || !tableB || !hashA || !hashB) continue;
    if (hashA.rows === hashB.rows && hashA.digest === hashB.digest) continue;
    const isOrdered = tableA.isOrdered && tableB.isOrdered;
    const first = isOrdered ? await firstDifference(a, tableA, b, tableB) : 'some row: they have no key';
    log.add('rows', name, `rows a: ${hashA.rows}, b: ${hashB.rows}; first difference at ${first}`);
  }
  return rows;
}

async function listTables(side: MysqlSide): Promise<ReadonlyMap<string, ComparedTable>> {
  const tables = new Map<string, ComparedTable>();
  for (const { name, label } of side.databases) {
    for (const table of await tableNames(side, name)) {
      const compared = await comparedTable(side, name, label, table);
      tables.set(compared.name, compared);
    }
  }
  return tables;
}

/** Reads both tables again, side by side, to their ends, and shows the first row that differs. */
async function firstDifference(
  a: MysqlSide,
  tableA: ComparedTable,
  b: MysqlSide,
  tableB: ComparedTable,
): Promise<string> {
  const rowsA = readRows(a, tableA);
  const rowsB = readRows(b, tableB);
  let found: string | undefined;
  for (let row = 1; ; row++) {
    const [nextA, nextB] = await Promise.all([rowsA.next(), rowsB.next()]);
    if (nextA.done && nextB.done) return found ?? 'no row: only the columns differ';
    const textA = nextA.done ? undefined : rowText(nextA.value);
    const textB = nextB.done ? undefined : rowText(nextB.value);
    if (textA !== textB) found ??= `row ${row}: a: ${shown(textA)} | b: ${shown(textB)}`;
  }
}

function shown(text: string | undefined): string {
  if (text === undefined) return '(no row)';
  return text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}…` : text;
}
