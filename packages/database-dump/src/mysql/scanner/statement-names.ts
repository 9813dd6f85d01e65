const NAME = '`((?:[^`]|``)+)`|([^\\s`(;]+)';
const USE = new RegExp(String.raw`^USE\s+(?:${NAME})`, 'i');
const CREATE_TABLE = new RegExp(String.raw`^CREATE\s+TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?(?:${NAME})`, 'i');
const INSERT = new RegExp(String.raw`^(?:INSERT|REPLACE)\s+(?:IGNORE\s+)?INTO\s+(?:${NAME})`, 'i');
const SEQUENCE_VALUE = /^(?:DO|SELECT)\s+SETVAL\s*\(/i;

/** The database of a `USE`, by a statement's head; undefined for any other statement. */
export const usedDatabase = (head: string) => named(USE, head);
export const createdTable = (head: string) => named(CREATE_TABLE, head);
export const insertedTable = (head: string) => named(INSERT, head);
export const setsSequence = (head: string) => SEQUENCE_VALUE.test(head);

function named(pattern: RegExp, head: string): string | undefined {
  const [, quoted, plain] = pattern.exec(head) ?? [];
  return quoted === undefined ? plain : quoted.replaceAll('``', '`');
}
