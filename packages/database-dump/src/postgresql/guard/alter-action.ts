import type { Statement } from '../../guard/statement.ts';
import { identifierAt } from './identifier.ts';
import { objectKind } from './object-kinds.ts';

/** Kinds whose names are followed by what they belong to: `ALTER TRIGGER name ON table`. */
const BELONGING: ReadonlySet<string> = new Set(['TRIGGER', 'RULE', 'POLICY']);

/**
 * Where in `ALTER kind [IF EXISTS] [ONLY] name action` the action begins. Looked for there and nowhere else, since a table or a
 * column may be called `drop`, `owner` or `tablespace` without quotes.
 */
export function alterAction(statement: Statement): number {
  const { kind, at } = objectKind(statement);
  let next = kind === 'TEXT SEARCH' ? at + 1 : at;
  if (statement.has(next, 'IF', 'EXISTS')) next += 2;
  if (statement.has(next, 'ONLY')) next += 1;
  next = afterName(statement, next);
  if (BELONGING.has(kind) && statement.has(next, 'ON')) next = afterName(statement, next + 1);
  if (kind.startsWith('OPERATOR') && statement.has(next, 'USING')) next = afterName(statement, next + 1);
  return statement.isSymbol(next, '*') ? next + 1 : afterArguments(statement, next);
}

/** Is something dropped: a constraint, or what a column has? */
export function isDrop(statement: Statement): boolean {
  const action = alterAction(statement);
  if (!statement.has(action, 'ALTER')) return statement.has(action, 'DROP');
  const column = statement.has(action + 1, 'COLUMN') ? action + 2 : action + 1;
  return statement.has(column + 1, 'DROP');
}

function afterName(statement: Statement, at: number): number {
  let next = at;
  while (identifierAt(statement, next) !== undefined) {
    next += 1;
    if (!statement.isSymbol(next, '.')) break;
    next += 1;
  }
  return next;
}

/** Of a function. */
function afterArguments(statement: Statement, at: number): number {
  if (!statement.isSymbol(at, '(')) return at;
  const end = statement.tokens.findIndex(
    ({ depth }, index) =>
      index > at && depth === statement.tokens[at]?.depth && statement.isSymbol(index, ')'),
  );
  return end === -1 ? at : end + 1;
}
