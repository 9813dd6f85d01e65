import { z } from 'zod';
import type { Session } from '../connection/session.ts';

const rightRow = z.object({ right: z.string(), schema: z.string().nullable() });

/**
 * What this user's rights keep a dump from: triggers and routines that it may not see are missing without a word, and
 * without a right to lock the counts are of another moment. Rights that come by a role are not listed by the server; then
 * nothing is said.
 */
export async function rightsWarnings(session: Session, schemas: readonly string[]): Promise<string[]> {
  const { role } = await session.one(
    z.object({ role: z.string().nullable() }),
    'SELECT CURRENT_ROLE() AS role',
  );
  if (role !== null && role !== 'NONE') return [];
  const rights = await session.query(
    rightRow,
    `SELECT privilege_type AS \`right\`, NULL AS \`schema\` FROM information_schema.user_privileges
     UNION ALL SELECT privilege_type, table_schema FROM information_schema.schema_privileges
     UNION ALL SELECT CONCAT(privilege_type, ' ', table_name), table_schema FROM information_schema.table_privileges
       WHERE table_schema = 'mysql' AND table_name = 'proc'`,
  );
  const has = (right: string, schema?: string) =>
    rights.some((one) => one.right === right && (one.schema === null || isMeant(one.schema, schema)));
  const seesRoutines =
    ['SELECT', 'SHOW_ROUTINE', 'SHOW CREATE ROUTINE'].some((right) => has(right)) ||
    has('SELECT', 'mysql') ||
    has('SELECT proc', 'mysql') ||
    schemas.every((schema) => has('SHOW CREATE ROUTINE', schema));
  const blind = schemas.filter((schema) => !has('TRIGGER', schema));
  return [
    ...(blind.length === 0
      ? []
      : [
          `The user lacks the right TRIGGER on ${blind.join(', ')}: triggers there would be missing in the backup.`,
        ]),
    ...(seesRoutines
      ? []
      : [
          'The user may not see the procedures and functions of others (MySQL: SHOW_ROUTINE; MariaDB: SHOW CREATE ROUTINE, or SELECT on mysql.proc): they would be missing in the backup.',
        ]),
    ...(has('RELOAD') || has('FLUSH_TABLES') || schemas.every((schema) => has('LOCK TABLES', schema))
      ? []
      : [
          'The user has neither the right RELOAD nor LOCK TABLES, so there is no moment that several readers could share: the dump is one stream, and counts and library rows are read some milliseconds beside it and compared with a tolerance.',
        ]),
  ];
}

/** Rights on databases are granted by patterns, in which `_` and `%` stand for others unless escaped. */
function isMeant(pattern: string, schema: string | undefined): boolean {
  if (schema === undefined) return false;
  const parts = pattern.match(/\\[_%]|[\s\S]/g) ?? [];
  const expression = parts.map((part) => {
    if (part === '%') return '.*';
    if (part === '_') return '.';
    return (part.length === 2 ? part.slice(1) : part).replaceAll(/[.*+?^${}()|[\]\\/]/g, '\\$&');
  });
  return new RegExp(`^${expression.join('')}$`, 's').test(schema);
}
