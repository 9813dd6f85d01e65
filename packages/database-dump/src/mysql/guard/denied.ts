import type { Statement } from '../../guard/statement.ts';
import { refuse, type Verdict } from '../../guard/verdict.ts';
import { markTable } from '../catalog/tables.ts';
import { constantOf } from './constant.ts';
import { keepsRowsOutside } from './engines.ts';
import { identifierAt } from './identifier.ts';

const MARK_TABLE = markTable.toUpperCase();
const FUNCTIONS =
  /^(?:load_file|sys_(?:exec|eval|get|set)|lib_mysqludf_\w+|benchmark|sleep|get_lock|master_\w+|xa_\w+)$/;
/** What a name of a table or routine comes after. */
const BEFORE_NAMES: ReadonlySet<string> = new Set([
  'FROM',
  'JOIN',
  'INTO',
  'UPDATE',
  'TABLE',
  'VIEW',
  'TRIGGER',
  'PROCEDURE',
  'FUNCTION',
  'EVENT',
  'SEQUENCE',
  'REFERENCES',
  'CALL',
  'EXISTS',
  'TABLES',
  'TO',
  'USING',
]);
const PHRASES: readonly (readonly [words: readonly string[], why: string])[] = [
  [['INTO', 'OUTFILE'], 'it writes a file of the server'],
  [['INTO', 'DUMPFILE'], 'it writes a file of the server'],
  [['LOAD', 'DATA'], 'it reads a file'],
  [['LOAD', 'XML'], 'it reads a file'],
  [['DATA', 'DIRECTORY'], 'it names a folder of the server'],
  [['INDEX', 'DIRECTORY'], 'it names a folder of the server'],
  [['SET', 'GLOBAL'], 'it changes the server'],
  [['SET', 'PERSIST'], 'it changes the server'],
  [['SET', 'PERSIST_ONLY'], 'it changes the server'],
  [['SET', 'PASSWORD'], 'it changes a user'],
  [['INSTALL', 'PLUGIN'], 'it loads code into the server'],
  [['INSTALL', 'SONAME'], 'it loads code into the server'],
  [['SONAME'], 'it loads code into the server'],
  [['IMPORT', 'TABLESPACE'], 'it reads files of the server'],
  [['DISCARD', 'TABLESPACE'], 'it removes files of the server'],
];
/**
 * What no statement may have anywhere, bodies of triggers and routines included.
 *
 * @param ownNames of the one database, which names of tables and routines may have before them.
 */
export function deniedAnywhere(statement: Statement, ownNames: readonly string[] = []): Verdict | undefined {
  for (let at = 0; at < statement.tokens.length; at += 1) {
    const denied = deniedAt(statement, at, ownNames);
    if (denied) return denied;
  }
  return undefined;
}

function deniedAt(statement: Statement, at: number, ownNames: readonly string[]): Verdict | undefined {
  const token = statement.tokens[at];
  if (token?.kind === 'symbol' && token.text === '@' && statement.isSymbol(at + 1, '@')) {
    const scope = statement.wordAt(at + 2) ?? '';
    if (
      statement.isSymbol(at + 3, '.') &&
      scope !== 'SESSION' &&
      scope !== 'LOCAL' &&
      isAssigned(statement, at)
    ) {
      return refuse('it changes the server', `@@${scope}`);
    }
  }
  if (token?.kind !== 'word' && token?.kind !== 'name') return undefined;
  // Every word of every row passes here: those are compared as the lexer has them.
  const word = token.kind === 'word' ? token.text : identifierAt(statement, at)?.toUpperCase();
  if (word === MARK_TABLE)
    return refuse('it is where the service notes what it has restored', `What names ${markTable}`);
  if (statement.isSymbol(at + 1, '(')) {
    const name = (identifierAt(statement, at) ?? '').toLowerCase();
    if (FUNCTIONS.test(name))
      return refuse('it reaches files, programs or other sessions of the server', `The function ${name}`);
  }
  if (token.kind !== 'word') return undefined;
  for (const [words, why] of PHRASES) if (statement.has(at, ...words)) return refuse(why, words.join(' '));
  const option = deniedOption(statement, at);
  if (option) return option;
  // A name with a database before it: `FROM other.table`. Names of columns come after other words.
  if (BEFORE_NAMES.has(token.text) && !isOfFunction(statement, at)) {
    const qualifier = statement.isSymbol(at + 2, '.') ? identifierAt(statement, at + 1) : undefined;
    const isRow = ['NEW', 'OLD'].includes(statement.wordAt(at + 1) ?? '');
    if (qualifier !== undefined && !isRow && !ownNames.includes(qualifier))
      return refuse('it names a database', `${token.text} ${qualifier}.…`);
  }
  return undefined;
}

/** Options of tables by which their rows lie in other files, servers or databases. */
function deniedOption(statement: Statement, at: number): Verdict | undefined {
  const valueAt = statement.isSymbol(at + 1, '=') ? at + 2 : at + 1;
  const value = statement.tokens[valueAt];
  if (statement.has(at, 'ENGINE')) {
    const engine = value?.kind === 'name' ? identifierAt(statement, valueAt) : constantOf(statement, value);
    // A literal with an escape would be another name for the server than for us.
    if (value?.kind === 'literal' && engine === undefined)
      return refuse('the name of the engine is not plain', 'ENGINE');
    if (engine !== undefined && keepsRowsOutside(engine))
      return refuse('its rows lie elsewhere', `ENGINE ${engine}`);
  }
  if (statement.has(at, 'CONNECTION') && value?.kind === 'literal' && isOfTable(statement, at))
    return refuse('it names another server', 'CONNECTION');
  return undefined;
}

/** In `CREATE TABLE` or `ALTER TABLE`, also in a body, and not in `UPDATE t SET connection = 'x'`. */
function isOfTable(statement: Statement, at: number): boolean {
  for (let before = at - 1; before >= 0 && !statement.isSymbol(before, ';'); before -= 1)
    if (statement.wordAt(before) === 'TABLE') return true;
  return false;
}

/** `extract(year FROM t.day)` and the like: the group does not begin with a query. */
function isOfFunction(statement: Statement, at: number): boolean {
  const token = statement.tokens[at];
  if (token?.text !== 'FROM' || token.depth === 0) return false;
  let first = at;
  while (first > 0 && (statement.tokens[first - 1]?.depth ?? 0) >= token.depth) first -= 1;
  return !['SELECT', 'WITH'].includes(statement.wordAt(first) ?? '');
}

function isAssigned(statement: Statement, at: number): boolean {
  const after = at + 5;
  return (
    statement.isSymbol(after, '=') || (statement.isSymbol(after, ':') && statement.isSymbol(after + 1, '='))
  );
}
