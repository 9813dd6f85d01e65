import { LcbError } from '@lcb/core';
import type { Place } from '../../guard/verdict.ts';
import type { Session } from '../connection/session.ts';

const STRINGS = 'standard_conforming_strings';
/** The only statement that may change it. */
const STRINGS_SET = /^SET\s+(?:SESSION\s+)?standard_conforming_strings\b/i;

/** With what a stranger's statements begin, whatever database and role set. */
export function sessionSettings(serverMajor: number): string {
  return [
    'RESET ALL',
    // By which the lexer reads.
    `SET ${STRINGS} = on`,
    "SET client_encoding = 'UTF8'",
    'SET client_min_messages = warning',
    'SET synchronous_commit = off',
    'SET default_transaction_read_only = off',
    'SET array_nulls = on',
    'SET statement_timeout = 0',
    'SET lock_timeout = 0',
    'SET idle_in_transaction_session_timeout = 0',
    // Rather an error than rows that a policy hides.
    'SET row_security = off',
    ...(serverMajor >= 14 ? ['SET idle_session_timeout = 0'] : []),
    ...(serverMajor >= 17 ? ['SET transaction_timeout = 0'] : []),
  ].join('; ');
}

/** The two settings by which bytes are read, as lexer and server must both have them. */
export class ReadingRules {
  #standardStrings = true;

  /** As the server said last. */
  standardStrings(session: Session): boolean {
    return (session.reported(STRINGS) ?? 'on') === 'on';
  }

  /** To be asked after each statement. @throws LcbError `sql.refused` where a function has changed them behind our back. */
  assertAgreed(session: Session, sql: string, { name, line, command }: Place): void {
    const standardStrings = this.standardStrings(session);
    if (STRINGS_SET.test(sql)) this.#standardStrings = standardStrings;
    const isAgreed =
      standardStrings === this.#standardStrings && (session.reported('client_encoding') ?? 'UTF8') === 'UTF8';
    if (isAgreed) return;
    throw new LcbError({
      code: 'sql.refused',
      message: `${name}, line ${line}: ${command} has changed how the server reads literals or bytes. Nothing after it was run.`,
    });
  }
}
