import { type MysqlSide, normalised, quoted, select } from './session.ts';
import { tableParts } from './table-definition.ts';

/** What the tables of one side are, by label and name. */
export interface TableDefinitions {
  readonly table: Map<string, string>;
  readonly column: Map<string, string>;
  readonly index: Map<string, string>;
  readonly constraint: Map<string, string>;
  /** Automatic counters: where they stand. */
  readonly counters: Map<string, string>;
}

export async function tableDefinitions(side: MysqlSide): Promise<TableDefinitions> {
  const found = { table: map(), column: map(), index: map(), constraint: map(), counters: map() };
  for (const { name: database, label } of side.databases) {
    for (const table of await tableNames(side, database)) {
      const rows = await select<{ 'Create Table': string }>(
        side.connection,
        `show create table ${quoted(database, table)}`,
      );
      const parts = tableParts(normalised(side, rows[0]?.['Create Table'] ?? ''));
      const name = `${label}.${table}`;
      found.table.set(name, parts.table);
      for (const [part, text] of parts.columns) found.column.set(`${name}.${part}`, text);
      for (const [part, text] of parts.indexes) found.index.set(`${name}.${part}`, text);
      for (const [part, text] of parts.constraints) found.constraint.set(`${name}.${part}`, text);
      if (parts.counter) found.counters.set(name, parts.counter);
    }
  }
  return found;
}

/** Tables with rows of their own, in the order of their names' bytes. */
export async function tableNames(
  { connection, besides }: MysqlSide,
  database: string,
): Promise<readonly string[]> {
  const rows = await select<{ name: string }>(
    connection,
    `select table_name as name from information_schema.tables
     where table_schema = ? and table_type = 'BASE TABLE' order by binary table_name`,
    [database],
  );
  return rows.map(({ name }) => name).filter((name) => !besides.includes(name));
}

function map(): Map<string, string> {
  return new Map();
}
