import type { Statement, Token } from '../../guard/statement.ts';
import { refuse, run, skip, type Verdict } from '../../guard/verdict.ts';
import { type Assignment, readAssignments } from './assignments.ts';
import { constantOf } from './constant.ts';
import { keepsRowsOutside } from './engines.ts';
import { KeptSettings, variableAt } from './kept-settings.ts';
import { areKnownModes, isKnownCharacterSet, isKnownCollation } from './reading-rules.ts';

/** Settings of the session that dumps make. */
const OF_DUMPS: ReadonlySet<string> = new Set([
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
/** Those that scripts may make: none that ends the transaction in which they run. */
const OF_SCRIPTS: ReadonlySet<string> = new Set([...OF_DUMPS].filter((name) => name !== 'AUTOCOMMIT'));
const OF_REPLICATION: ReadonlySet<string> = new Set([
  'GTID_PURGED',
  'GTID_SLAVE_POS',
  'SQL_LOG_BIN',
  'GTID_NEXT',
]);

const ANOTHER_READING = 'text would be read in another way than it was lexed';
const ANOTHER_CHARACTER_SET =
  'only files in UTF-8 are loaded; make the dump with --default-character-set=utf8mb4';

type Constants = readonly [isAllowed: (text: string) => boolean, why: string];

/** Which constants a setting takes, where not all do, and why no other. */
const CONSTANTS: ReadonlyMap<string, Constants> = new Map<string, Constants>([
  ['SQL_MODE', [areKnownModes, ANOTHER_READING]],
  ['CHARACTER_SET_CLIENT', [isKnownCharacterSet, ANOTHER_CHARACTER_SET]],
  ['CHARACTER_SET_CONNECTION', [isKnownCharacterSet, ANOTHER_CHARACTER_SET]],
  ['CHARACTER_SET_RESULTS', [isKnownCharacterSet, ANOTHER_CHARACTER_SET]],
  ['COLLATION_CONNECTION', [isKnownCollation, ANOTHER_CHARACTER_SET]],
  ['DEFAULT_STORAGE_ENGINE', [(text) => !keepsRowsOutside(text), 'rows of such tables lie elsewhere']],
]);

const ANY_CONSTANT: Constants = [() => true, 'a dump sets it to a constant'];

/** Judges the SETs of one file, one after the other: what a variable holds depends on those before. */
export class SetJudge {
  readonly #kept = new KeptSettings();
  readonly #settings: ReadonlySet<string>;

  readonly #of: 'dump' | 'script';

  constructor(of: 'dump' | 'script') {
    this.#of = of;
    this.#settings = of === 'dump' ? OF_DUMPS : OF_SCRIPTS;
  }

  /** `SET a = b, @c = @@d, NAMES e` */
  judge(statement: Statement): Verdict {
    const assignments = readAssignments(statement);
    // Whether the server assigns one after the other or all at the end, neither is a value for another one here.
    for (const one of assignments) if (one.kind === 'variable') this.#kept.assign(one.variable, undefined);
    const verdicts = assignments.map((assignment) => this.#judgeAssignment(statement, assignment));
    for (const one of assignments) if (one.kind === 'variable') this.#kept.assign(one.variable, one.keeps);
    const refused = verdicts.find((verdict) => verdict.do === 'refuse');
    if (refused) return refused;
    const skipped = verdicts.find((verdict) => verdict.do === 'skip');
    if (!skipped) return run;
    return verdicts.every((verdict) => verdict.do === 'skip')
      ? skipped
      : refuse('only a part of it can be run', 'SET');
  }

  /** To be told of every other statement, but not of constant rows: it may write variables, too. */
  notice(statement: Statement): void {
    this.#kept.notice(statement);
  }

  #judgeAssignment(statement: Statement, assignment: Assignment): Verdict {
    const { command, value } = assignment;
    const constant = value.length === 1 ? constantOf(statement, value[0]) : undefined;
    switch (assignment.kind) {
      case 'characterSet':
        return constant !== undefined && isKnownCharacterSet(constant)
          ? run
          : refuse(ANOTHER_CHARACTER_SET, command);
      case 'variable':
        return assignment.variable !== undefined && (isSetting(value) || isConstant(value))
          ? run
          : refuse(`a ${this.#of} only keeps settings in variables`, command);
      case 'setting':
        return this.#judgeSetting(statement, assignment, constant);
      case 'other':
        return refuse(`a ${this.#of} only sets settings of its session`, command);
    }
  }

  #judgeSetting(
    statement: Statement,
    { setting, scope, value, command }: Extract<Assignment, { kind: 'setting' }>,
    constant: string | undefined,
  ): Verdict {
    if (OF_REPLICATION.has(setting)) return skip("it is of the source's replication");
    if (!['', 'SESSION', 'LOCAL'].includes(scope) || !this.#settings.has(setting))
      return refuse(`a ${this.#of} does not set it`, command);
    const [isAllowed, why] = CONSTANTS.get(setting) ?? ANY_CONSTANT;
    if (value[0]?.text === '@') {
      const at = statement.tokens.indexOf(value[1] ?? value[0]);
      const variable = value.length === 2 ? variableAt(statement, at) : undefined;
      return variable !== undefined && this.#kept.holds(variable, setting)
        ? run
        : refuse(
            `a ${this.#of} takes a setting only from a variable in which it has kept that setting`,
            command,
          );
    }
    return constant !== undefined && isAllowed(constant) ? run : refuse(why, command);
  }
}

/** `@@SQL_MODE` */
function isSetting(value: readonly Token[]): boolean {
  return (
    value[0]?.text === '@' &&
    value[1]?.text === '@' &&
    value.every(({ kind, text }) => kind === 'word' || text === '@' || text === '.')
  );
}

function isConstant([token, ...more]: readonly Token[]): boolean {
  if (!token || more.length > 0) return false;
  return token.kind === 'number' || token.kind === 'literal' || token.text === 'NULL';
}
