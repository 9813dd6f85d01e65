import type { Statement } from '../../guard/statement.ts';
import { refuse, run, skip, type Verdict } from '../../guard/verdict.ts';
import { identifierAt } from './identifier.ts';

/** Those of PostgreSQL that anybody may create in a database of his own (`trusted` in their control files). */
const TRUSTED: ReadonlySet<string> = new Set([
  'btree_gin',
  'btree_gist',
  'citext',
  'cube',
  'dict_int',
  'fuzzystrmatch',
  'hstore',
  'intarray',
  'isn',
  'lo',
  'ltree',
  'pg_trgm',
  'pgcrypto',
  'plpgsql',
  'seg',
  'tablefunc',
  'tcn',
  'tsm_system_rows',
  'tsm_system_time',
  'unaccent',
  'uuid-ossp',
]);
/** What operators look after a server with: nothing of the environment depends on it. */
const OF_OPERATORS: ReadonlySet<string> = new Set([
  'pg_stat_statements',
  'pg_buffercache',
  'pgstattuple',
  'pgaudit',
  'pg_wait_sampling',
]);

/** @param at where `[IF NOT EXISTS] name` begins. */
export function judgeExtension(statement: Statement, at: number): Verdict {
  const nameAt = statement.has(at, 'IF', 'NOT', 'EXISTS') ? at + 3 : at;
  const name = identifierAt(statement, nameAt) ?? '';
  if (OF_OPERATORS.has(name))
    return skip('operators look after a server with it; the environment does not need it');
  if (statement.find('CASCADE') !== -1)
    return refuse('it would bring others with it', 'CREATE EXTENSION … CASCADE');
  if (TRUSTED.has(name)) return run;
  return refuse(
    'only extensions that PostgreSQL trusts anybody with are loaded; create it in the database beforehand if you trust it',
    `CREATE EXTENSION ${JSON.stringify(name)}`,
  );
}
