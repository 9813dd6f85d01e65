import type { Statement } from '../../guard/statement.ts';

/** A name as the server takes it: without quotes in lower case. Undefined where there is none. */
export function identifierAt(statement: Statement, at: number): string | undefined {
  const token = statement.tokens[at];
  if (token?.kind === 'word') return statement.textOf(token).toLowerCase();
  if (token?.kind === 'name') return statement.textOf(token).slice(1, -1).replaceAll('""', '"');
  return undefined;
}

/** What a literal without backslashes says. */
export function literalAt(statement: Statement, at: number): string | undefined {
  const token = statement.tokens[at];
  if (token?.kind !== 'literal') return undefined;
  const text = statement.textOf(token);
  return /^'[^\\]*'$/.test(text) ? text.slice(1, -1).replaceAll("''", "'") : undefined;
}
