import type { Statement } from '../../guard/statement.ts';
import { refuse, run, skip, type Verdict } from '../../guard/verdict.ts';
import { identifierAt, literalAt } from './identifier.ts';

/** What pg_dump calls by SELECT: values of sequences, large objects. */
const CALLS: ReadonlySet<string> = new Set([
  'setval',
  'lo_create',
  'lo_creat',
  'lo_open',
  'lowrite',
  'lo_close',
]);
const LEFT_OUT: ReadonlySet<string> = new Set(['pg_restore_relation_stats', 'pg_restore_attribute_stats']);
const CONSTANTS: ReadonlySet<string> = new Set(['TRUE', 'FALSE', 'NULL']);

/** `SELECT pg_catalog.function(constants)` */
export function judgeSelect(statement: Statement): Verdict {
  const { tokens } = statement;
  let at = 1;
  if (identifierAt(statement, at) === 'pg_catalog' && statement.isSymbol(at + 1, '.')) at += 2;
  const name = identifierAt(statement, at) ?? '';
  const isCall = statement.isSymbol(at + 1, '(');
  if (isCall && LEFT_OUT.has(name)) return skip('statistics are computed anew');
  // Of --clean; there is nothing yet to be removed.
  if (isCall && name === 'lo_unlink') return skip('the database is empty');
  const isConstant = tokens.slice(at + 2, -1).every(({ kind, text, depth }, index) => {
    if (depth !== 1) return false;
    if (kind === 'literal' || kind === 'number') return true;
    if (kind === 'word') return CONSTANTS.has(text) || statement.isSymbol(at + 1 + index, ':');
    return kind === 'symbol' && [',', '-', ':'].includes(text);
  });
  const isWhole =
    isCall && isConstant && statement.isSymbol(tokens.length - 1, ')') && tokens.at(-1)?.depth === 0;
  if (isWhole && CALLS.has(name)) return run;
  if (isWhole && name === 'set_config' && literalAt(statement, at + 2) === 'search_path') return run;
  return refuse(
    'a dump only sets sequences and writes large objects this way',
    name === '' ? 'SELECT' : `SELECT ${name}`,
  );
}
