/** White space as PostgreSQL's `scanner_isspace` has it: ASCII only. */
const SPACES = /[ \t\n\r\f\v]*/y;
const QUOTED = /"(?:[^"]|"")*"/y;
const PLAIN = /[^", \t\n\r\f\v][^, \t\n\r\f\v]*/y;

/**
 * A list of identifiers such as the value of `search_path`, taken apart by the rules of PostgreSQL's
 * `SplitIdentifierString` (`varlena.c`): commas between them, white space around them means nothing, in double quotes
 * anything goes and a doubled quote is one, without them letters become small.
 *
 * @returns undefined where it is no such list. An empty text is an empty list.
 */
export function splitIdentifiers(list: string): string[] | undefined {
  const identifiers: string[] = [];
  let at = skip(list, 0, SPACES);
  if (at === list.length) return identifiers;
  for (;;) {
    const isQuoted = list[at] === '"';
    const token = match(list, at, isQuoted ? QUOTED : PLAIN);
    if (token === undefined) return undefined;
    identifiers.push(isQuoted ? token.slice(1, -1).replaceAll('""', '"') : lowerCase(token));
    at = skip(list, at + token.length, SPACES);
    if (at === list.length) return identifiers;
    if (list[at] !== ',') return undefined;
    at = skip(list, at + 1, SPACES);
  }
}

/** ASCII only, as the server does in UTF-8. */
function lowerCase(identifier: string): string {
  return identifier.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase());
}

function skip(text: string, from: number, pattern: RegExp): number {
  return from + (match(text, from, pattern)?.length ?? 0);
}

/** What the (sticky) pattern finds at a place. */
function match(text: string, at: number, pattern: RegExp): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
}
