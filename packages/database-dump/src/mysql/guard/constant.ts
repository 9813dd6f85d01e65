import type { Statement, Token } from '../../guard/statement.ts';

/**
 * What a word, a number or a literal stands for. Undefined for a literal in which backslashes or quotes have a meaning: the
 * server would see another text than we, and no dump writes a name like that.
 */
export function constantOf(statement: Statement, token: Token | undefined): string | undefined {
  if (token?.kind === 'word' || token?.kind === 'number') return statement.textOf(token);
  if (token?.kind !== 'literal') return undefined;
  const inner = statement.textOf(token).slice(1, -1);
  return /[\\'"]/.test(inner) ? undefined : inner;
}
