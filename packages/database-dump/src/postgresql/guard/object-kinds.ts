import type { Statement } from '../../guard/statement.ts';

/** Stand between CREATE and what is created. */
const MODIFIERS: ReadonlySet<string> = new Set([
  'OR',
  'REPLACE',
  'UNLOGGED',
  'UNIQUE',
  'CONSTRAINT',
  'DEFAULT',
  'TRUSTED',
  'PROCEDURAL',
]);

const WITH_TWO_WORDS: ReadonlySet<string> = new Set([
  'MATERIALIZED VIEW',
  'OPERATOR CLASS',
  'OPERATOR FAMILY',
  'EVENT TRIGGER',
  'FOREIGN TABLE',
  'FOREIGN DATA',
  'USER MAPPING',
  'ACCESS METHOD',
  'LARGE OBJECT',
  'DEFAULT PRIVILEGES',
  'TEXT SEARCH',
]);

/** Part of the environment: belongs to one database, and is harmless with the rights of an owner who has nothing else. */
export const environmentKinds: ReadonlySet<string> = new Set([
  'TABLE',
  'VIEW',
  'MATERIALIZED VIEW',
  'INDEX',
  'SEQUENCE',
  'TYPE',
  'DOMAIN',
  'FUNCTION',
  'PROCEDURE',
  'AGGREGATE',
  'TRIGGER',
  'RULE',
  'CAST',
  'COLLATION',
  'CONVERSION',
  'OPERATOR',
  'OPERATOR CLASS',
  'OPERATOR FAMILY',
  'STATISTICS',
  'POLICY',
  'SCHEMA',
  'TEXT SEARCH',
]);

/** Of the source's server and not of the environment. What concerns them is never sent, so it can do no harm. */
export const serverKinds: ReadonlySet<string> = new Set([
  'DATABASE',
  'PUBLICATION',
  'SUBSCRIPTION',
  'DEFAULT PRIVILEGES',
]);

/** What CREATE, ALTER or DROP is about: `MATERIALIZED VIEW`. `at` is the place of what comes after it. */
export function objectKind(statement: Statement): { readonly kind: string; readonly at: number } {
  let at = 1;
  if (!statement.has(at, 'DEFAULT', 'PRIVILEGES')) {
    while (MODIFIERS.has(statement.wordAt(at) ?? '')) at += 1;
  }
  const first = statement.wordAt(at) ?? '';
  const both = `${first} ${statement.wordAt(at + 1) ?? ''}`;
  return WITH_TWO_WORDS.has(both) ? { kind: both, at: at + 2 } : { kind: first, at: at + 1 };
}
