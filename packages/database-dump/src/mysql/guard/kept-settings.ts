import type { Statement } from '../../guard/statement.ts';
import { identifierAt } from './identifier.ts';

/** Names of which the server, whatever its collation, takes no two for one. */
const PLAIN = /^[\w$]+$/;
/** What the server might take for a plain one all the same: `ÖLD` for `OLD`, or a name with a blank at its end. */
const LIKE_PLAIN = /[^\x21-\x7e]|\\/;

/**
 * In which variables a file has kept settings of its session, to put them back: `@OLD_SQL_MODE = @@SQL_MODE`. A variable
 * that anything else could have written, such as the body of a trigger, is never one of them.
 */
export class KeptSettings {
  readonly #settings = new Map<string, string>();
  readonly #named = new Set<string>();
  #isAnyNamed = false;

  /** Does the variable hold what this setting was? */
  holds(variable: string, setting: string): boolean {
    return !this.#isAnyNamed && !this.#named.has(variable) && this.#settings.get(variable) === setting;
  }

  /** @param setting undefined where the variable gets anything else. */
  assign(variable: string | undefined, setting: string | undefined): void {
    if (variable === undefined) return;
    if (setting === undefined) this.#settings.delete(variable);
    else this.#settings.set(variable, setting);
  }

  /** Of a statement that is no SET: a variable that it names it may write, now or whenever it runs. */
  notice(statement: Statement): void {
    for (const [at, { kind, text }] of statement.tokens.entries()) {
      if (kind !== 'symbol' || text !== '@') continue;
      const name = nameAt(statement, at + 1) ?? '';
      if (PLAIN.test(name)) this.#named.add(name.toUpperCase());
      else if (LIKE_PLAIN.test(name)) this.#isAnyNamed = true;
    }
  }
}

/** The name of the variable whose `@` stands before this token, in capitals; undefined where it is not plain. */
export function variableAt(statement: Statement, at: number): string | undefined {
  const name = nameAt(statement, at);
  return name !== undefined && PLAIN.test(name) ? name.toUpperCase() : undefined;
}

function nameAt(statement: Statement, at: number): string | undefined {
  const token = statement.tokens[at];
  if (token?.kind === 'number') return statement.textOf(token);
  return token?.kind === 'literal' ? statement.textOf(token).slice(1, -1) : identifierAt(statement, at);
}
