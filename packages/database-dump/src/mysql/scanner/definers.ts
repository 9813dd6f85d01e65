const NAME = '(?:`(?:[^`]|``)*`|\'[^\']*\'|"[^"]*"|[\\w$]+)';
/** What may stand between the beginning of a statement and its DEFINER. */
const BEFORE = [
  // One by one: a run of blanks that can be cut in many ways would be tried in all of them.
  String.raw`\s`,
  String.raw`--\s[^\n]*\n`,
  String.raw`--\n`,
  String.raw`/\*(?!M?!)[\s\S]*?\*/`,
  String.raw`/\*M?!\d*`,
  String.raw`\*/`,
  String.raw`CREATE\b`,
  String.raw`OR\s+REPLACE\b`,
  String.raw`AGGREGATE\b`,
  String.raw`ALGORITHM\s*=\s*\w+`,
].join('|');
const DEFINER = new RegExp(
  String.raw`^((?:${BEFORE})*)DEFINER\s*=\s*(?:CURRENT_USER(?:\(\))?|${NAME}(?:\s*@\s*(?:${NAME}|[\w.%-]+))?)\s*`,
  'i',
);

/**
 * Takes out who a view, trigger, routine or event was made by: that user need not exist where the dump is loaded, and to
 * name another than oneself needs a right that few have. Without it the user who loads it becomes its definer, as with the
 * owner on PostgreSQL. `SQL SECURITY` stays.
 */
export function withoutDefiner(statement: Buffer): Buffer {
  // One character a byte: bodies need not be UTF-8.
  const text = statement.toString('latin1');
  const [match, before] = DEFINER.exec(text) ?? [];
  if (match === undefined || before === undefined) return statement;
  return Buffer.from(before + text.slice(match.length), 'latin1');
}
