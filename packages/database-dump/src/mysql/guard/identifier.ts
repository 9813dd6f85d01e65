import type { Statement } from '../../guard/statement.ts';

/** A name as it is written, without its quotes. */
export function identifierAt(statement: Statement, at: number): string | undefined {
  const token = statement.tokens[at];
  if (token?.kind === 'word') return statement.textOf(token);
  if (token?.kind === 'name') return statement.textOf(token).slice(1, -1).replaceAll('``', '`');
  return undefined;
}
