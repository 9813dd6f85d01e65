/**
 * Literals and comments, which are passed over, and names. Each alternative matches in one way only: a statement may hold
 * megabytes of text of any shape.
 */
const TOKEN = new RegExp(
  [
    String.raw`'[^'\\]*(?:\\[\s\S][^'\\]*)*'`,
    String.raw`"[^"\\]*(?:\\[\s\S][^"\\]*)*"`,
    String.raw`--\s[^\n]*`,
    String.raw`#[^\n]*`,
    String.raw`/\*(?!M?!)[\s\S]*?\*/`,
    '(?<name>`[^`]*(?:``[^`]*)*`|[\\w$\\x80-\\xff]+)',
  ].join('|'),
  'g',
);
/** After a name that qualifies another one. */
const QUALIFIES = /\s*\.\s*[\w$`\x80-\xff]/y;
/** Before a name that is itself qualified. */
const QUALIFIED = /\.\s*$/;
/** How far back is looked for that: white space there is rare, and longer than this never. */
const LOOK_BACK = 64;

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
  const parts: string[] = [];
  let from = 0;
  for (const match of text.matchAll(TOKEN)) {
    const name = match.groups?.name;
    const to = name === undefined ? undefined : wanted.get(fold(unquoted(name)));
    if (name === undefined || to === undefined) continue;
    QUALIFIES.lastIndex = match.index + name.length;
    if (!QUALIFIES.test(text)) continue;
    if (QUALIFIED.test(text.slice(Math.max(0, match.index - LOOK_BACK), match.index))) continue;
    parts.push(text.slice(from, match.index), `\`${to.replaceAll('`', '``')}\``);
    from = match.index + name.length;
  }
  return parts.length === 0 ? statement : Buffer.from(parts.join('') + text.slice(from), 'latin1');
}

function unquoted(name: string): string {
  return name.startsWith('`') ? name.slice(1, -1).replaceAll('``', '`') : name;
}

/** UTF-8 with one character a byte, as statements are looked at. */
function bytesOf(name: string): string {
  return Buffer.from(name).toString('latin1');
}
