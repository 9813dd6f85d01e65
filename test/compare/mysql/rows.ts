import { createHash } from 'node:crypto';
import { type MysqlSide, quoted, select } from './session.ts';

/** A table with rows of its own, and how to read them. */
export interface ComparedTable {
  /** `{label}.{table}`, for people. */
  readonly name: string;
  readonly select: string;
  /** Whether the rows come in the order of a primary key. Without one their order is nobody's. */
  readonly isOrdered: boolean;
}

/** A row's cells as the server's own bytes. */
type Cells = readonly (Buffer | null)[];

export interface RowHash {
  readonly rows: number;
  readonly digest: string;
}

interface Column {
  readonly name: string;
  readonly type: string;
  readonly place: string | null;
}

/** How to read a table: every column that holds data of its own or is computed, in key order. */
export async function comparedTable(
  { connection }: MysqlSide,
  database: string,
  label: string,
  table: string,
): Promise<ComparedTable> {
  const columns = await select<Column>(
    connection,
    `select c.column_name as name, c.data_type as type, k.ordinal_position as place
     from information_schema.columns c
     left join information_schema.key_column_usage k
       on k.table_schema = c.table_schema and k.table_name = c.table_name and k.column_name = c.column_name and k.constraint_name = 'PRIMARY'
     where c.table_schema = ? and c.table_name = ? order by c.ordinal_position`,
    [database, table],
  );
  const key = columns
    .filter(({ place }) => place !== null)
    .sort((a, b) => Number(a.place) - Number(b.place))
    .map(({ name }) => quoted(name));
  // A FLOAT is written with six digits, which are not all that it has.
  const cells = columns.map(({ name, type }) =>
    type === 'float' ? `cast(${quoted(name)} as double)` : quoted(name),
  );
  const order = key.length === 0 ? '' : ` order by ${key.join(', ')}`;
  return {
    name: `${label}.${table}`,
    select: `select ${cells.join(', ')} from ${quoted(database, table)}${order}`,
    isOrdered: key.length > 0,
  };
}

/** A table's rows as they arrive, in flat memory. To be read to the end: half a result can't be left behind. */
export async function* readRows({ connection }: MysqlSide, table: ComparedTable): AsyncGenerator<Cells> {
  const query = connection.query({
    sql: table.select,
    rowsAsArray: true,
    typeCast: (field) => field.buffer(),
  });
  const rows: AsyncIterable<Cells> = query.stream({ highWaterMark: 100 });
  yield* rows;
}

/** Hashes all rows: in their order, or, where they have none, by a sum that no order changes. */
export async function hashRows(side: MysqlSide, table: ComparedTable): Promise<RowHash> {
  const all = createHash('sha256');
  let sum = 0n;
  let rows = 0;
  for await (const cells of readRows(side, table)) {
    const digest = rowDigest(cells);
    if (table.isOrdered) all.update(digest);
    else sum += BigInt(`0x${digest.toString('hex')}`);
    rows += 1;
  }
  return { rows, digest: table.isOrdered ? all.digest('hex') : sum.toString(16) };
}

function rowDigest(cells: Cells): Buffer {
  const hash = createHash('sha256');
  for (const cell of cells) {
    hash.update(cell === null ? 'null;' : `${cell.length};`);
    if (cell !== null) hash.update(cell);
  }
  return hash.digest();
}

/** A row for people. */
export function rowText(cells: Cells): string {
  return cells.map((cell) => (cell === null ? '\\N' : cell.toString('utf8'))).join('\t');
}
