import { z } from 'zod';
import { countColumn, flagColumn, type Session } from '../connection/session.ts';
import type { Server } from './server.ts';

/** A column that has values of its own: not one that the server computes. */
export interface StoredColumn {
  readonly name: string;
  /** In lower case, without length and sign: `bigint`, `longtext`. */
  readonly type: string;
}

/** How a table lies in the server. */
export interface TableStorage {
  readonly schema: string;
  readonly table: string;
  /** Of rows, by the server's statistics. */
  readonly bytes: number;
  readonly rows: number;
  readonly columns: readonly StoredColumn[];
  /** The first column of the primary key. */
  readonly key: StoredColumn | undefined;
}

/**
 * InnoDB's tables of at least so many bytes. Versioned and partitioned ones are left out: the dump programs know how to read them, and
 * partitions may be exchanged without a trace.
 */
export async function readTableStorage(
  session: Session,
  { flavour }: Server,
  schemas: readonly string[],
  atLeast: number,
): Promise<TableStorage[]> {
  // MySQL shows what it knew of a table up to a day ago.
  if (flavour === 'mysql') await session.run('SET SESSION information_schema_stats_expiry = 0');
  const tables = await session.query(
    z.object({ schema: z.string(), table: z.string(), bytes: countColumn, rows: countColumn }),
    `SELECT table_schema AS \`schema\`, table_name AS \`table\`, data_length AS bytes, table_rows AS \`rows\`
     FROM information_schema.tables
     WHERE table_schema IN (?) AND table_type = 'BASE TABLE' AND engine = 'InnoDB' AND data_length >= ?
       AND COALESCE(create_options, '') NOT LIKE '%partitioned%'
     ORDER BY table_schema, table_name`,
    [schemas, atLeast],
  );
  const found: TableStorage[] = [];
  for (const one of tables) {
    const columns = await session.query(
      z.object({
        name: z.string(),
        type: z.string(),
        isStored: flagColumn,
        isKey: flagColumn,
      }),
      `SELECT c.column_name AS name, LOWER(c.data_type) AS type, COALESCE(c.generation_expression, '') = '' AS isStored,
         EXISTS (SELECT 1 FROM information_schema.statistics s WHERE s.table_schema = c.table_schema AND s.table_name = c.table_name
           AND s.index_name = 'PRIMARY' AND s.seq_in_index = 1 AND s.column_name = c.column_name) AS isKey
       FROM information_schema.columns c WHERE c.table_schema = ? AND c.table_name = ? ORDER BY c.ordinal_position`,
      [one.schema, one.table],
    );
    const plain = ({ name, type }: StoredColumn): StoredColumn => ({ name, type });
    const key = columns.find(({ isKey }) => isKey);
    found.push({
      ...one,
      columns: columns.filter(({ isStored }) => isStored).map(plain),
      key: key && plain(key),
    });
  }
  return found;
}
