import type { Statement } from '../../guard/statement.ts';
import { refuse, run, skip, type Verdict } from '../../guard/verdict.ts';
import { isSystemDatabase } from '../catalog/databases.ts';
import { markTable } from '../catalog/tables.ts';
import { deniedAnywhere } from './denied.ts';
import { identifierAt } from './identifier.ts';
import { SetJudge } from './set-statement.ts';

const KINDS: ReadonlySet<string> = new Set([
  'TABLE',
  'VIEW',
  'TRIGGER',
  'PROCEDURE',
  'FUNCTION',
  'EVENT',
  'SEQUENCE',
  'INDEX',
]);
const WITH_BODY: ReadonlySet<string> = new Set(['TRIGGER', 'PROCEDURE', 'FUNCTION', 'EVENT', 'PACKAGE']);
const CONSTANTS: ReadonlySet<string> = new Set(['NULL', 'DEFAULT', 'TRUE', 'FALSE', 'VALUES', 'VALUE']);
/** Statements in which no variable is written but by a judged SET. */
const ROWS_OR_SET: ReadonlySet<string> = new Set(['INSERT', 'REPLACE', 'SET']);
const OF_SERVER: ReadonlySet<string> = new Set([
  'CHANGE',
  'FLUSH',
  'PURGE',
  'RESET',
  'START SLAVE',
  'STOP SLAVE',
]);

/** Judges a dump of `mysqldump`, `mariadb-dump` or mydumper, which is of one database. */
export class MysqlDumpJudge {
  readonly #sets = new SetJudge('dump');
  #database: string | undefined;
  readonly #known: () => readonly (string | undefined)[];

  /** @param known names that the one database goes by, besides what the dump's statements call it. */
  constructor(known: () => readonly (string | undefined)[] = () => []) {
    this.#known = known;
  }

  /** What the one database is called in the dump. */
  get ownNames(): readonly string[] {
    return [...this.#known(), this.#database].flatMap((name) =>
      name === undefined || isSystemDatabase(name) ? [] : [name],
    );
  }

  judge(statement: Statement): Verdict {
    if (isOfMark(statement)) return skip('the mark of a restore says nothing of where it is loaded');
    if (!ROWS_OR_SET.has(statement.wordAt(0) ?? '')) this.#sets.notice(statement);
    const verdict = this.#byKind(statement);
    if (verdict.do !== 'run' || statement.has(0, 'SET')) return verdict;
    const kind = createdKind(statement);
    // `DELIMITER` lets several statements look like one.
    const hasSeveral = statement.tokens.some(({ kind: of, text }) => of === 'symbol' && text === ';');
    if (hasSeveral && !WITH_BODY.has(kind)) return refuse('several statements stand where one is expected');
    return deniedAnywhere(statement, this.ownNames) ?? verdict;
  }

  #byKind(statement: Statement): Verdict {
    const word = statement.wordAt(0) ?? '';
    const isDatabase = statement.has(1, 'DATABASE') || statement.has(1, 'SCHEMA');
    if (['CREATE', 'DROP', 'ALTER'].includes(word) && isDatabase) return this.#ofDatabase(statement, 2);
    if (OF_SERVER.has(word)) return skip("it is of the source's server");
    switch (word) {
      case 'USE':
        return this.#ofDatabase(statement, 1);
      case 'SET':
        return this.#sets.judge(statement);
      case 'INSERT':
      case 'REPLACE':
        return judgeInsert(statement);
      case 'CREATE':
        return judgeCreate(statement);
      case 'DROP':
        return KINDS.has(statement.wordAt(1) ?? '')
          ? run
          : refuse('it reaches beyond the database that is loaded');
      case 'ALTER':
        return statement.has(1, 'TABLE') ? run : refuse('a dump does not have it');
      case 'LOCK':
      case 'UNLOCK':
        return statement.has(1, 'TABLES') || statement.has(1, 'TABLE')
          ? run
          : refuse('a dump does not have it');
      case 'COMMIT':
      case 'BEGIN':
        return statement.tokens.length === 1 ? run : refuse('a dump has it without anything behind it');
      case 'START':
        return statement.has(1, 'TRANSACTION') ? run : skip("it is of the source's server");
      case 'DO':
      case 'SELECT':
        return isSequenceValue(statement) ? run : refuse('a dump only sets sequences this way');
      default:
        return refuse('a dump does not have it');
    }
  }

  /** Everything goes to the one database that is loaded, whatever the dump's own was called. */
  #ofDatabase(statement: Statement, at: number): Verdict {
    let nameAt = at;
    while (['IF', 'NOT', 'EXISTS'].includes(statement.wordAt(nameAt) ?? '')) nameAt += 1;
    const name = identifierAt(statement, nameAt);
    if (name === undefined) return refuse('it names no database');
    this.#database ??= name;
    if (this.#database !== name)
      return refuse(`the file is of ${this.#database}, and names ${name}, too. Dump the one database`);
    return skip('everything goes to the one database that is loaded');
  }
}

const BEFORE_TABLE: ReadonlySet<string> = new Set(['TABLE', 'TABLES', 'INTO', 'IF', 'NOT', 'EXISTS']);

/** Of the table that a restore leaves in its databases: in a dump of one it would take the place of this load's own. */
function isOfMark(statement: Statement): boolean {
  if (!['CREATE', 'DROP', 'ALTER', 'INSERT', 'LOCK'].includes(statement.wordAt(0) ?? '')) return false;
  let at = 1;
  while (BEFORE_TABLE.has(statement.wordAt(at) ?? '')) at += 1;
  return at > 1 && identifierAt(statement, at)?.toLowerCase() === markTable;
}

/** What is created, past everything that may stand before it: `DEFINER=…`, `ALGORITHM=…`. */
function createdKind(statement: Statement): string {
  if (!statement.has(0, 'CREATE')) return '';
  const at = statement.tokens.findIndex(
    ({ kind, text, depth }, index) =>
      index > 0 && kind === 'word' && depth === 0 && (KINDS.has(text) || WITH_BODY.has(text)),
  );
  return statement.wordAt(at) ?? '';
}

const BEFORE_KIND: ReadonlySet<string> = new Set([
  'CREATE',
  'OR',
  'REPLACE',
  'TEMPORARY',
  'UNIQUE',
  'FULLTEXT',
  'SPATIAL',
  'ALGORITHM',
  'UNDEFINED',
  'MERGE',
  'TEMPTABLE',
  'DEFINER',
  'CURRENT_USER',
  'SQL',
  'SECURITY',
  'INVOKER',
  'AGGREGATE',
  '=',
  '@',
  '(',
  ')',
]);

function judgeCreate(statement: Statement): Verdict {
  const kind = createdKind(statement);
  const at = statement.find(kind);
  const isDefiner = (index: number) =>
    index > 0 && ['=', '@'].includes(statement.tokens[index - 1]?.text ?? '');
  const isPlain = statement.tokens
    .slice(0, at)
    .every(({ text }, index) => BEFORE_KIND.has(text) || isDefiner(index));
  if (!KINDS.has(kind) || !isPlain) return refuse('it reaches beyond the database that is loaded');
  if (kind === 'TABLE' && (statement.find('SELECT') !== -1 || statement.find('CONNECTION') !== -1))
    return refuse('a dump only defines tables this way');
  return run;
}

function judgeInsert(statement: Statement): Verdict {
  const { tokens } = statement;
  const values = Math.max(statement.find('VALUES'), statement.find('VALUE'));
  const isConstant = tokens.slice(values + 1).every(({ kind, text }) => {
    if (kind === 'literal' || kind === 'number') return true;
    // `_binary '…'`, and `x'…'`, `b'…'`.
    if (kind === 'word')
      return CONSTANTS.has(text) || text.startsWith('_') || text === 'X' || text === 'B' || text === 'N';
    return kind === 'symbol' && ['(', ')', ',', '-', '+', '.'].includes(text);
  });
  const into = statement.find('INTO');
  return into !== -1 && into < 4 && values !== -1 && isConstant && statement.find('SELECT') === -1
    ? run
    : refuse('a dump only inserts constants', `This ${statement.wordAt(0)}`);
}

/** `DO SETVAL(name, 5, 0)` of MariaDB's sequences. */
function isSequenceValue(statement: Statement): boolean {
  const { tokens } = statement;
  return (
    statement.has(1, 'SETVAL') &&
    statement.isSymbol(2, '(') &&
    tokens
      .slice(3, -1)
      .every(
        ({ kind, text }) =>
          kind === 'name' ||
          kind === 'number' ||
          [',', '-'].includes(text) ||
          (kind === 'word' && text !== 'SELECT'),
      ) &&
    tokens.at(-1)?.text === ')'
  );
}
