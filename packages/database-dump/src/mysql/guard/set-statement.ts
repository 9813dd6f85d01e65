import type { Statement, Token } from '../../guard/statement.ts';
import { refuse, run, skip, type Verdict } from '../../guard/verdict.ts';

/** Settings of the session that dumps make. */
const SETTINGS: ReadonlySet<string> = new Set([
  'TIME_ZONE',
  'SQL_MODE',
  'UNIQUE_CHECKS',
  'FOREIGN_KEY_CHECKS',
  'SQL_NOTES',
  'NOTE_VERBOSITY',
  'CHARACTER_SET_CLIENT',
  'CHARACTER_SET_RESULTS',
  'CHARACTER_SET_CONNECTION',
  'COLLATION_CONNECTION',
  'SQL_QUOTE_SHOW_CREATE',
  'AUTOCOMMIT',
  'INNODB_STRICT_MODE',
  'DEFAULT_STORAGE_ENGINE',
  'EXPLICIT_DEFAULTS_FOR_TIMESTAMP',
  'SQL_REQUIRE_PRIMARY_KEY',
  'SHOW_CREATE_TABLE_SKIP_SECONDARY_ENGINE',
  'CHECK_CONSTRAINT_CHECKS',
]);
const OF_REPLICATION: ReadonlySet<string> = new Set([
  'GTID_PURGED',
  'GTID_SLAVE_POS',
  'SQL_LOG_BIN',
  'GTID_NEXT',
]);
/** Modes in which text is read in another way. */
const READING = /ANSI|NO_BACKSLASH_ESCAPES|DB2|MAXDB|MSSQL|ORACLE|POSTGRESQL/i;
/** Those in which a byte of ASCII always is what it looks like. */
const CHARACTER_SETS =
  /^(?:utf8|utf8mb3|utf8mb4|latin1|latin2|ascii|binary|cp1250|cp1251|cp1252|null|default)$/i;

/** `SET a = b, @c = @@d, NAMES e` */
export function judgeSet(statement: Statement): Verdict {
  const verdicts = assignments(statement).map((tokens) => judgeAssignment(statement, tokens));
  const refused = verdicts.find((verdict) => verdict.do === 'refuse');
  if (refused) return refused;
  const skipped = verdicts.find((verdict) => verdict.do === 'skip');
  if (!skipped) return run;
  return verdicts.every((verdict) => verdict.do === 'skip')
    ? skipped
    : refuse('only a part of it can be run', 'SET');
}

function assignments({ tokens }: Statement): (readonly Token[])[] {
  const parts: Token[][] = [[]];
  for (const token of tokens.slice(1)) {
    if (token.kind === 'symbol' && token.text === ',' && token.depth === 0) parts.push([]);
    else parts.at(-1)?.push(token);
  }
  return parts;
}

function judgeAssignment(statement: Statement, tokens: readonly Token[]): Verdict {
  const texts = tokens.map((token) =>
    token.kind === 'name' ? statement.textOf(token).slice(1, -1).toUpperCase() : token.text,
  );
  const command = `SET ${texts.slice(0, 3).join(' ').trim()}`;
  if (texts[0] === 'NAMES' || (texts[0] === 'CHARACTER' && texts[1] === 'SET')) {
    const set = tokens[texts[0] === 'NAMES' ? 1 : 2];
    const name = set ? statement.textOf(set).replaceAll(/['"`]/g, '') : '';
    return CHARACTER_SETS.test(name)
      ? run
      : refuse('only files in UTF-8 are loaded; make the dump with --default-character-set=utf8mb4', command);
  }
  const equals = texts.indexOf('=');
  const left = texts.slice(0, texts[equals - 1] === ':' ? equals - 1 : equals);
  const value = tokens.slice(equals + 1);
  if (equals === -1) return refuse('a dump only sets settings of its session', command);
  if (left[0] === '@' && left[1] !== '@') return judgeVariable(statement, value, command);
  const name = left.at(-1) ?? '';
  if (OF_REPLICATION.has(name)) return skip("it is of the source's replication");
  const scope = left
    .slice(0, -1)
    .filter((text) => /\w/.test(text))
    .join(' ');
  if (!['', 'SESSION', 'LOCAL'].includes(scope) || !SETTINGS.has(name))
    return refuse('a dump does not set it', command);
  return judgeValue(statement, name, value, command);
}

/** A dump keeps settings in variables, to put them back: `@OLD_SQL_MODE = @@SQL_MODE`. */
function judgeVariable(statement: Statement, value: readonly Token[], command: string): Verdict {
  const isSetting = value[0]?.text === '@' && value[1]?.text === '@';
  const isConstant =
    value.length === 1 &&
    (value[0]?.kind === 'number' ||
      (value[0]?.kind === 'literal' && !READING.test(statement.textOf(value[0]))) ||
      value[0]?.text === 'NULL');
  const isPlain =
    isSetting && value.every(({ kind, text }) => kind === 'word' || text === '@' || text === '.');
  return isPlain || isConstant ? run : refuse('a dump only keeps settings in variables', command);
}

function judgeValue(statement: Statement, name: string, value: readonly Token[], command: string): Verdict {
  const isVariable =
    value[0]?.text === '@' && value.every(({ kind, text }) => kind !== 'literal' && text !== '(');
  if (isVariable) return run;
  const [token] = value;
  const text = token && value.length === 1 ? statement.textOf(token).replaceAll(/['"`]/g, '') : undefined;
  if (text === undefined) return refuse('a dump sets it to a constant', command);
  if (name === 'SQL_MODE' && (READING.test(text) || token?.kind === 'number'))
    return refuse('text would be read in another way than it was lexed', command);
  const isReading = name === 'CHARACTER_SET_CLIENT' || name === 'CHARACTER_SET_CONNECTION';
  if (isReading && !CHARACTER_SETS.test(text))
    return refuse(
      'only files in UTF-8 are loaded; make the dump with --default-character-set=utf8mb4',
      command,
    );
  return run;
}
