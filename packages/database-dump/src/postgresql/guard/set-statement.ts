import type { Statement } from '../../guard/statement.ts';
import { refuse, run, skip, type Verdict } from '../../guard/verdict.ts';
import { identifierAt, literalAt } from './identifier.ts';

/** Settings of the session that dumps make; none reaches beyond it. */
const SETTINGS: ReadonlySet<string> = new Set([
  'backslash_quote',
  'bytea_output',
  'check_function_bodies',
  'client_min_messages',
  'datestyle',
  'default_table_access_method',
  'default_toast_compression',
  'escape_string_warning',
  'extra_float_digits',
  'idle_in_transaction_session_timeout',
  'intervalstyle',
  'lock_timeout',
  'quote_all_identifiers',
  'restrict_nonsystem_relation_kind',
  'row_security',
  'search_path',
  'statement_timeout',
  'synchronize_seqscans',
  'synchronous_commit',
  'timezone',
  'transaction_timeout',
  'xmloption',
]);
/** Those of newer majors, or of none any more. */
const OF_OTHER_MAJORS: ReadonlySet<string> = new Set([
  'default_with_oids',
  'transaction_timeout',
  'default_toast_compression',
]);
/** They change nothing in how plain ASCII is read, which is all that decides where a statement ends. */
const ENCODINGS: ReadonlySet<string> = new Set(['utf8', 'utf-8', 'unicode', 'sql_ascii']);

/** What a `SET` gives to which setting. */
export interface Setting {
  readonly name: string;
  /** Where it is one word or literal. */
  readonly value: string | undefined;
}

/** `SET [SESSION] name TO value` */
export function readSetting(statement: Statement): Setting | undefined {
  if (!statement.has(0, 'SET')) return undefined;
  const at = statement.has(1, 'SESSION') || statement.has(1, 'LOCAL') ? 2 : 1;
  const name = identifierAt(statement, at);
  const isAssignment = statement.isSymbol(at + 1, '=') || statement.has(at + 1, 'TO');
  if (name === undefined || !isAssignment) return undefined;
  const isSingle = statement.tokens.length === at + 3;
  const number = statement.tokens[at + 2]?.kind === 'number' ? statement.tokens[at + 2]?.text : undefined;
  const value = identifierAt(statement, at + 2) ?? literalAt(statement, at + 2) ?? number;
  return { name, value: isSingle ? value : undefined };
}

/** @param serverMajor of the target, which may be older than the dump's server. */
export function judgeSet(statement: Statement): Verdict {
  const setting = readSetting(statement);
  if (!setting) return refuse('a dump only sets settings of its session');
  const { name, value } = setting;
  if (OF_OTHER_MAJORS.has(name)) return skip('it is a setting of some versions only');
  if (SETTINGS.has(name)) return run;
  switch (name) {
    case 'client_encoding':
      // The session has UTF-8 from the beginning; that it is not changed is what keeps bytes and text the same.
      if (value !== undefined && ENCODINGS.has(value.toLowerCase())) return skip('the file is read as UTF-8');
      return refuse(
        'only files in UTF-8 are loaded; make the dump with --encoding=UTF8',
        'SET client_encoding',
      );
    case 'standard_conforming_strings':
      if (value === 'on' || value === 'off') return run;
      return refuse('it takes on or off', 'SET standard_conforming_strings');
    case 'default_tablespace':
      return value === '' ? run : skip("tablespaces are the source server's own");
    default:
      return refuse('a dump does not set it', `SET ${name}`);
  }
}
