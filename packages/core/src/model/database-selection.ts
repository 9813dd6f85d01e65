import { z } from 'zod';

/** A name, or a pattern in which `*` stands for any characters. Case does not matter. */
const namePattern = z.string().min(1).max(200);

/** Which part of a database is backed up. Everything of the environment where nothing is said. */
export const databaseSelectionSchema = z.object({
  /**
   * PostgreSQL: the schemas to dump. MySQL: databases to dump beside the URL's own. Absent: all of the environment's; on
   * MySQL that is the URL's database and the databases of its virtual instances (`database.partition.enabled`).
   */
  schemas: z.array(namePattern).optional(),
  /** Schemas (MySQL: databases) that are left out, even if `schemas` names them. */
  ignoreSchemas: z.array(namePattern).default([]),
  /** Tables of which only the definition is dumped: `Table`, or `schema.Table`. */
  withoutData: z.array(namePattern).default([]),
});
export type DatabaseSelection = z.infer<typeof databaseSelectionSchema>;

/** Does one of the patterns mean this name? */
export function matchesName(patterns: readonly string[], name: string): boolean {
  return patterns.some((pattern) => expression(pattern).test(name));
}

/** Does one of the patterns mean this table? One with a dot in it means the schema too. */
export function matchesTable(patterns: readonly string[], schema: string, table: string): boolean {
  return matchesName(patterns, table) || matchesName(patterns, `${schema}.${table}`);
}

function expression(pattern: string): RegExp {
  const parts = pattern.split('*').map((part) => part.replaceAll(/[.*+?^${}()|[\]\\/]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`, 'isu');
}
