import { z } from 'zod';
import { countColumn, type Session } from '../connection/session.ts';
import { quoteIdentifier } from './quote.ts';
import { isUserSchema } from './user-objects.ts';

/** How a table lies on the server's disk, and which of its columns a dump carries. */
export interface TableStorage {
  readonly schema: string;
  readonly table: string;
  /** Rows and what is stored out of line, without indexes. */
  readonly bytes: number;
  /** Of the rows alone. */
  readonly pages: number;
  /** Rows have a place that a range of them can be asked for by (`ctid`). */
  readonly isHeap: boolean;
  /** As identifiers of SQL, in order; without generated ones, which the server computes anew, as `pg_dump` has it. */
  readonly columns: readonly string[];
}

const storageRow = z.object({
  schema: z.string(),
  table: z.string(),
  bytes: countColumn,
  pages: countColumn,
  isHeap: z.boolean(),
  columns: z.array(z.string()),
});

/** The ordinary tables of at least so many bytes. Which of them a dump carries is not asked here. */
export async function readTableStorage(session: Session, leastBytes: number): Promise<TableStorage[]> {
  const found = await session.query(
    storageRow,
    `WITH sized AS MATERIALIZED (
       SELECT c.oid, n.nspname, c.relname, c.relam, pg_table_size(c.oid) AS bytes
       FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
       WHERE c.relkind = 'r' AND ${isUserSchema}
     )
     SELECT s.nspname AS schema, s.relname AS "table", s.bytes,
       pg_relation_size(s.oid) / current_setting('block_size')::bigint AS pages,
       EXISTS (SELECT FROM pg_am m WHERE m.oid = s.relam AND m.amname = 'heap') AS "isHeap",
       ARRAY(SELECT a.attname::text FROM pg_attribute a
         WHERE a.attrelid = s.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
         ORDER BY a.attnum) AS columns
     FROM sized s WHERE s.bytes >= $1`,
    [leastBytes],
  );
  return found.map((row) => ({ ...row, columns: row.columns.map(quoteIdentifier) }));
}
