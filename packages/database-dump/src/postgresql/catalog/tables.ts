import { z } from 'zod';
import { countColumn, type Session } from '../connection/session.ts';
import { quoteName } from './quote.ts';
import { isOfExtension, isUserSchema } from './user-objects.ts';

/** A table whose own rows a dump carries. */
export interface DumpedTable {
  readonly schema: string;
  readonly table: string;
  /** Empty, or `WHERE …`: a configuration table of an extension, of which only the user's rows are dumped. */
  readonly condition: string;
}

const dumpedTableRow: z.ZodType<DumpedTable> = z.object({
  schema: z.string(),
  table: z.string(),
  condition: z.string(),
});

/**
 * The tables whose rows `pg_dump` writes. Each partition and each child of an inheritance counts for itself and only with
 * its own rows, so a partitioned table is none; nor are views (also materialised ones: they are filled anew), foreign and
 * temporary tables, and tables of extensions unless the extension calls them configuration. A standby can't read
 * unlogged tables, and `pg_dump` leaves their rows out there.
 */
export async function listDumpedTables(session: Session): Promise<DumpedTable[]> {
  return await session.query(
    dumpedTableRow,
    `SELECT n.nspname AS schema, c.relname AS "table", coalesce(configuration.condition, '') AS condition
     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     LEFT JOIN LATERAL (
       SELECT u.condition FROM pg_extension x, unnest(x.extconfig, x.extcondition) AS u (relation, condition)
       WHERE u.relation = c.oid
     ) configuration ON true
     WHERE c.relkind = 'r' AND c.relpersistence <> 't' AND ${isUserSchema}
       AND (configuration.condition IS NOT NULL OR NOT ${isOfExtension('pg_class', 'c.oid')})
       AND NOT (c.relpersistence = 'u' AND pg_is_in_recovery())
     ORDER BY n.nspname, c.relname`,
  );
}

/** How many tables one LOCK statement names. */
const LOCK_BATCH = 500;

/**
 * Keeps everybody from dropping, truncating or rewriting the tables until the transaction ends, as `pg_dump` does for
 * itself. Without it a schema change that waits for `pg_dump` would run before our counts, and the counts would be of
 * something else.
 */
export async function lockTables(session: Session, tables: readonly DumpedTable[]): Promise<void> {
  for (let from = 0; from < tables.length; from += LOCK_BATCH) {
    const names = tables
      .slice(from, from + LOCK_BATCH)
      .map(({ schema, table }) => `ONLY ${quoteName(schema, table)}`);
    await session.run(`LOCK TABLE ${names.join(', ')} IN ACCESS SHARE MODE`);
  }
}

export async function countRows(
  session: Session,
  { schema, table, condition }: DumpedTable,
): Promise<number> {
  const sql = `SELECT count(*) AS count FROM ONLY ${quoteName(schema, table)} ${condition}`;
  const { count } = await session.one(z.object({ count: countColumn }), sql);
  return count;
}
