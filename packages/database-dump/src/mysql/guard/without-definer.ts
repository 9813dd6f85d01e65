import type { Statement } from '../../guard/statement.ts';

/**
 * The statement's bytes without `DEFINER=user@host`: whoever loads it becomes the definer. The user is of the source's
 * server, and with another's name it would run with another's rights.
 */
export function withoutDefiner(statement: Statement): Buffer {
  const { tokens, bytes } = statement;
  const parts: Buffer[] = [];
  let from = 0;
  for (let at = 0; at < tokens.length; at += 1) {
    const definer = tokens[at];
    if (!definer || !statement.has(at, 'DEFINER') || !statement.isSymbol(at + 1, '=')) continue;
    let last = at + 2;
    if (statement.isSymbol(last + 1, '@')) last += 2;
    else if (statement.isSymbol(last + 1, '(')) last += 2;
    parts.push(bytes.subarray(from, definer.from));
    from = tokens[last]?.to ?? bytes.length;
  }
  parts.push(bytes.subarray(from));
  return Buffer.concat(parts);
}
