import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Session } from '../connection/session.ts';

/** What differs once somebody has changed a definition. Columns that change with the rows, such as counts, are not among them. */
const QUERIES = [
  `SELECT table_schema, table_name, table_type, engine, row_format, table_collation, create_options, table_comment, create_time
   FROM information_schema.tables WHERE table_schema IN (?)`,
  `SELECT table_schema, table_name, column_name, ordinal_position, column_default, is_nullable, column_type, collation_name, extra,
     generation_expression, column_comment
   FROM information_schema.columns WHERE table_schema IN (?)`,
  `SELECT table_schema, table_name, index_name, non_unique, seq_in_index, column_name, collation, sub_part, index_type
   FROM information_schema.statistics WHERE table_schema IN (?)`,
  `SELECT constraint_schema, table_name, constraint_name, column_name, ordinal_position, referenced_table_name, referenced_column_name
   FROM information_schema.key_column_usage WHERE constraint_schema IN (?)`,
  `SELECT constraint_schema, table_name, constraint_name, constraint_type
   FROM information_schema.table_constraints WHERE constraint_schema IN (?)`,
  `SELECT constraint_schema, table_name, constraint_name, match_option, update_rule, delete_rule
   FROM information_schema.referential_constraints WHERE constraint_schema IN (?)`,
  `SELECT table_schema, table_name, partition_name, partition_ordinal_position, partition_method, partition_expression, partition_description
   FROM information_schema.partitions WHERE table_schema IN (?)`,
  `SELECT trigger_schema, trigger_name, event_manipulation, event_object_table, action_order, action_statement, action_timing, sql_mode
   FROM information_schema.triggers WHERE trigger_schema IN (?)`,
  `SELECT routine_schema, routine_type, routine_name, routine_definition, sql_mode, security_type, created, last_altered
   FROM information_schema.routines WHERE routine_schema IN (?)`,
  `SELECT table_schema, table_name, view_definition, check_option, security_type
   FROM information_schema.views WHERE table_schema IN (?)`,
];

/** A hash of all definitions of these databases, as far as the user may see them: those that a dump has. */
export async function readFingerprint(session: Session, schemas: readonly string[]): Promise<string> {
  const hash = createHash('sha256');
  for (const sql of QUERIES) {
    const rows = await session.query(z.unknown(), sql, [schemas]);
    // In an order of our own: for a collation of the server's, names may be equal that are not.
    for (const row of rows.map((one) => JSON.stringify(one)).sort()) hash.update(row);
    hash.update('\n');
  }
  return hash.digest('hex');
}
