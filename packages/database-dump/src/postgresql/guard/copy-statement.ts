import type { Statement } from '../../guard/statement.ts';
import { refuse, type Verdict } from '../../guard/verdict.ts';
import { quoteIdentifier } from '../catalog/quote.ts';
import { identifierAt } from './identifier.ts';

/**
 * `COPY schema.table (columns) FROM stdin`, written anew from its names: it goes to the server in a way that would take
 * several statements. Anything else is refused, options included, since some of them change where rows end.
 */
export function copyStatement(statement: Statement): { readonly sql: string } | Verdict {
  let at = 1;
  const names: string[] = [];
  for (;;) {
    const name = identifierAt(statement, at);
    if (name === undefined) return unreadable(statement);
    names.push(quoteIdentifier(name));
    at += 1;
    if (!statement.isSymbol(at, '.')) break;
    at += 1;
  }
  let columns = '';
  if (statement.isSymbol(at, '(')) {
    const list: string[] = [];
    do {
      const column = identifierAt(statement, at + 1);
      if (column === undefined) return unreadable(statement);
      list.push(quoteIdentifier(column));
      at += 2;
    } while (statement.isSymbol(at, ','));
    if (!statement.isSymbol(at, ')')) return unreadable(statement);
    at += 1;
    columns = ` (${list.join(', ')})`;
  }
  const isPlain = statement.has(at, 'FROM', 'STDIN') && statement.tokens.length === at + 2;
  return isPlain ? { sql: `COPY ${names.join('.')}${columns} FROM STDIN` } : unreadable(statement);
}

function unreadable(statement: Statement): Verdict {
  const from = statement.find('FROM');
  if (statement.has(from + 1, 'PROGRAM')) {
    return refuse('it starts a program on the server', 'COPY … FROM PROGRAM');
  }
  if (from !== -1 && statement.tokens[from + 1]?.kind === 'literal') {
    return refuse('it reads a file of the server', "COPY … FROM 'file'");
  }
  if (statement.find('TO') !== -1) return refuse('a dump has nothing to send out', 'COPY … TO');
  return refuse('only rows of this file may be loaded: COPY table (columns) FROM stdin', 'This COPY');
}
