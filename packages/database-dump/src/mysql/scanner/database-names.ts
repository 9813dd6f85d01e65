/**
 * Literals and comments, which are passed over, names that qualify others, and all other quoted names, which may hold quotes
 * themselves. No part of a repetition can match in two ways: a quote that is never closed costs no more than a look at the rest.
 */
const TOKEN = new RegExp(
  [
    String.raw`'(?:[^'\\]|\\[\s\S]|'')*'`,
    String.raw`"(?:[^"\\]|\\[\s\S]|"")*"`,
    String.raw`--\s[^\n]*`,
    String.raw`#[^\n]*`,
    String.raw`/\*(?!M?!)[\s\S]*?\*/`,
    '(?<name>(?<![.\\w$\\x80-\\xff`])(?:`(?:[^`]|``)*`|[\\w$\\x80-\\xff]+)(?=\\s*\\.\\s*[\\w$`\\x80-\\xff]))',
    '`(?:[^`]|``)*`',
  ].join('|'),
  'g',
);

/** New names of databases by their old ones. */
export type DatabaseNames = ReadonlyMap<string, string>;

/**
 * Renames databases where a statement qualifies a name with one: in views that look into another database, in triggers,
 * routines and foreign keys. Without it a trigger of a restored copy would write into the database that was backed up.
 * Not inside of literals: SQL that a routine puts together from text is beyond anybody's reach.
 *
 * @param heedsCase whether the source's server told names apart by case.
 */
export function renameDatabases(statement: Buffer, names: DatabaseNames, heedsCase: boolean): Buffer {
  const fold = (name: string) => (heedsCase ? name : name.toLowerCase());
  const wanted = new Map([...names].map(([from, to]) => [fold(bytesOf(from)), bytesOf(to)]));
  const text = statement.toString('latin1');
  const renamed = text.replaceAll(TOKEN, (token: string, qualifier: string | undefined) => {
    if (qualifier === undefined) return token;
    const isQuoted = token.startsWith('`');
    const name = isQuoted ? token.slice(1, -1).replaceAll('``', '`') : token;
    const to = wanted.get(fold(name));
    return to === undefined ? token : `\`${to.replaceAll('`', '``')}\``;
  });
  return renamed === text ? statement : Buffer.from(renamed, 'latin1');
}

/** UTF-8 with one character a byte, as statements are looked at. */
function bytesOf(name: string): string {
  return Buffer.from(name).toString('latin1');
}
