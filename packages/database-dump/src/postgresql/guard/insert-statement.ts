import type { Statement } from '../../guard/statement.ts';
import { refuse, run, type Verdict } from '../../guard/verdict.ts';

const WORDS: ReadonlySet<string> = new Set(['NULL', 'DEFAULT', 'TRUE', 'FALSE', 'VALUES']);

/** `INSERT INTO table … VALUES (constants), …`, as --inserts writes it. */
export function judgeInsert(statement: Statement): Verdict {
  const { tokens } = statement;
  const values = statement.find('VALUES');
  const conflict = statement.find('ON', values);
  const end = conflict === -1 ? tokens.length : conflict;
  const isConstant = tokens.slice(values + 1, end).every(({ kind, text }) => {
    if (kind === 'literal' || kind === 'number') return true;
    if (kind === 'word') return WORDS.has(text);
    return kind === 'symbol' && ['(', ')', ',', '-', '+'].includes(text);
  });
  const isPlain = statement.has(1, 'INTO') && values !== -1 && isConstant && statement.find('SELECT') === -1;
  const doesNothing =
    conflict === -1 ||
    (statement.has(conflict, 'ON', 'CONFLICT', 'DO', 'NOTHING') && tokens.length === conflict + 4);
  return isPlain && doesNothing ? run : refuse('a dump only inserts constants', 'This INSERT');
}
