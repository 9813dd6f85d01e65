import { InvalidRequestError, type SqlScript } from '@lcb/core';
import type { Statement, Token } from '../guard/statement.ts';

export type Parameters = Readonly<Record<string, string>>;

/** How one kind of database reads scripts. */
export interface ScriptDialect {
  /** All statements, allowed or not. */
  readonly lexScript: (script: SqlScript) => readonly Statement[];
  /** Those that may be run. @throws LcbError `sql.refused` */
  readonly readScript: (script: SqlScript) => readonly Statement[];
  readonly quoteLiteral: (text: string) => string;
}

/**
 * Puts the values in place of `${name}`, as quoted literals. Only the lexer's tokens count, so that what stands in a literal
 * or a comment stays as it is. Comments are gone afterwards; every statement begins in its line.
 *
 * @throws InvalidRequestError for a parameter that is not given, or that no script uses.
 */
export function fillParameters(
  scripts: readonly SqlScript[],
  parameters: Parameters,
  dialect: ScriptDialect,
): SqlScript[] {
  const values = new Map(Object.entries(parameters));
  const used = new Set<string>();
  const filled = scripts.map((script) => {
    let sql = '';
    let line = 1;
    for (const statement of dialect.lexScript(script)) {
      const padding = '\n'.repeat(Math.max(0, statement.line - line));
      const text = fillStatement(statement, (name) => {
        const value = values.get(name);
        if (value === undefined) throw notGiven(script.name, statement.line, name);
        used.add(name);
        return dialect.quoteLiteral(value);
      });
      sql += `${padding}${text};`;
      line = sql.split('\n').length;
    }
    return { name: script.name, sql };
  });
  const unused = [...values.keys()].find((name) => !used.has(name));
  if (unused !== undefined) throw notUsed(unused);
  return filled;
}

function fillStatement(statement: Statement, literalOf: (name: string) => string): string {
  const { tokens, bytes } = statement;
  const parts: Buffer[] = [];
  let from = 0;
  for (const [at, token] of tokens.entries()) {
    const name = placeholderAt(statement, at);
    if (name === undefined) continue;
    parts.push(bytes.subarray(from, token.from), Buffer.from(literalOf(name)));
    from = tokens[at + 3]?.to ?? bytes.length;
  }
  parts.push(bytes.subarray(from));
  return Buffer.concat(parts).toString('utf8');
}

/** The name in `${name}`, if that begins at this token. */
function placeholderAt(statement: Statement, at: number): string | undefined {
  const [dollar, open, name, close] = statement.tokens.slice(at, at + 4);
  if (!dollar || !open || !name || !close || name.kind !== 'word') return undefined;
  const isMark = dollar.text === '$' && open.text === '{' && close.text === '}';
  return isMark && areAdjacent(dollar, open, name, close) ? statement.textOf(name) : undefined;
}

function areAdjacent(...tokens: readonly Token[]): boolean {
  return tokens.every((token, at) => at === 0 || tokens[at - 1]?.to === token.from);
}

function notGiven(script: string, line: number, name: string): InvalidRequestError {
  return new InvalidRequestError(
    `${script}, line ${line}: the parameter ${name} has no value. Give it with --parameter ${name}=…`,
  );
}

function notUsed(name: string): InvalidRequestError {
  return new InvalidRequestError(
    `No script uses the parameter ${name}. Leave it out, or write \${${name}} outside of quotes where its value belongs.`,
  );
}
