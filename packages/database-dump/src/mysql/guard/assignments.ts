import type { Statement, Token } from '../../guard/statement.ts';
import { identifierAt } from './identifier.ts';
import { variableAt } from './kept-settings.ts';

/** One of those in `SET a = b, @c = @@d, NAMES e`. */
export type Assignment = {
  /** For messages. */
  readonly command: string;
  readonly value: readonly Token[];
} & (
  | { readonly kind: 'characterSet' }
  /** `variable`: undefined for a name that is not plain. `keeps`: the setting of this session that it gets. */
  | { readonly kind: 'variable'; readonly variable: string | undefined; readonly keeps: string | undefined }
  /** `scope`: empty, `SESSION`, `GLOBAL`, … */
  | { readonly kind: 'setting'; readonly setting: string; readonly scope: string }
  | { readonly kind: 'other' }
);

export function readAssignments(statement: Statement): Assignment[] {
  const { tokens } = statement;
  const commas = tokens.flatMap(({ kind, text, depth }, at) =>
    kind === 'symbol' && text === ',' && depth === 0 ? [at] : [],
  );
  return [0, ...commas].map((before, index) =>
    readAssignment(statement, before + 1, commas[index] ?? tokens.length),
  );
}

function readAssignment(statement: Statement, from: number, to: number): Assignment {
  const tokens = statement.tokens.slice(from, to);
  const texts = tokens.map((_, at) => textAt(statement, from + at));
  const command = `SET ${texts.slice(0, 3).join(' ').trim()}`;
  if (texts[0] === 'NAMES') return { kind: 'characterSet', command, value: tokens.slice(1, 2) };
  if (texts[0] === 'CHARACTER' && texts[1] === 'SET')
    return { kind: 'characterSet', command, value: tokens.slice(2, 3) };
  const equals = texts.indexOf('=');
  if (equals === -1) return { kind: 'other', command, value: [] };
  const left = texts.slice(0, texts[equals - 1] === ':' ? equals - 1 : equals);
  const value = tokens.slice(equals + 1);
  if (left[0] === '@' && left[1] !== '@') {
    const variable = left.length === 2 ? variableAt(statement, from + 1) : undefined;
    return { kind: 'variable', command, value, variable, keeps: settingOf(texts.slice(equals + 1)) };
  }
  const scope = left
    .slice(0, -1)
    .filter((text) => /\w/.test(text))
    .join(' ');
  return { kind: 'setting', command, value, setting: left.at(-1) ?? '', scope };
}

/** In capitals; of what is quoted as a name, without its quotes. */
function textAt(statement: Statement, at: number): string {
  const token = statement.tokens[at];
  return token?.kind === 'name' ? (identifierAt(statement, at) ?? '').toUpperCase() : (token?.text ?? '');
}

/** `@@a`, `@@SESSION.a` */
function settingOf(value: readonly string[]): string | undefined {
  const [first, second, ...rest] = value;
  if (first !== '@' || second !== '@') return undefined;
  const [scope, dot, name] = rest;
  if (rest.length === 1) return scope;
  const isOfSession = (scope === 'SESSION' || scope === 'LOCAL') && dot === '.' && rest.length === 3;
  return isOfSession ? name : undefined;
}
