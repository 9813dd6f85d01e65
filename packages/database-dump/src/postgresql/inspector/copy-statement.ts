/** A table as a COPY statement names it. */
export interface CopiedTable {
  readonly schema: string;
  readonly table: string;
}

const IDENTIFIER = String.raw`"(?:[^"]|"")+"|[^\s".(]+`;
const COPY = new RegExp(String.raw`^COPY\s+(${IDENTIFIER})\.(${IDENTIFIER})[\s(]`, 'i');

/**
 * The table of `COPY schema.table (…) FROM stdin`. `pg_dump` always names the schema.
 *
 * @param head the statement's beginning.
 * @returns undefined where it is no such statement.
 */
export function copiedTable(head: string): CopiedTable | undefined {
  const [, schema, table] = COPY.exec(head) ?? [];
  if (schema === undefined || table === undefined) return undefined;
  return { schema: unquote(schema), table: unquote(table) };
}

function unquote(identifier: string): string {
  if (!identifier.startsWith('"')) return identifier.toLowerCase();
  return identifier.slice(1, -1).replaceAll('""', '"');
}
