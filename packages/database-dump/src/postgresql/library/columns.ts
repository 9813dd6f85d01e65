import type { ColumnKind } from '../../library/library-columns.ts';
import { quoteIdentifier } from '../catalog/quote.ts';

/** Types that a kind takes. Whatever has another type is no column of Liferay's, even if its name is. */
const TYPES: Readonly<Record<ColumnKind, readonly string[]>> = {
  id: ['int2', 'int4', 'int8'],
  number: ['int2', 'int4', 'int8', 'float4', 'float8', 'numeric'],
  text: ['text', 'varchar', 'bpchar'],
  boolean: ['bool'],
  time: ['timestamp', 'timestamptz'],
};

/** What stands for a column that an older schema does not have. */
const ABSENT: Readonly<Record<ColumnKind, string>> = {
  id: 'NULL::bigint',
  number: 'NULL::numeric',
  text: 'NULL::text',
  boolean: 'NULL::boolean',
  time: 'NULL::timestamp',
};

/** Publications came with 7.2: before, and without them, every row is of production. */
const PRODUCTION = '0::bigint';

/** A table found in a database: the columns by their names in lower case. */
export interface FoundTable {
  readonly schema: string;
  readonly relation: string;
  readonly columns: ReadonlyMap<string, { readonly name: string; readonly type: string }>;
}

export function hasColumn(table: FoundTable, name: string, kind: ColumnKind): boolean {
  return TYPES[kind].includes(table.columns.get(name.toLowerCase())?.type ?? '');
}

/** The column's value in SQL, or what stands for it where the table has none. */
export function columnValue(table: FoundTable, alias: string, name: string, kind: ColumnKind): string {
  const column = table.columns.get(name.toLowerCase());
  if (!column || !hasColumn(table, name, kind)) return name === 'ctCollectionId' ? PRODUCTION : ABSENT[kind];
  const value = `${alias}.${quoteIdentifier(column.name)}`;
  if (kind === 'id') return `${value}::bigint`;
  if (kind === 'number') return `${value}::numeric`;
  return kind === 'text' ? `${value}::text` : value;
}

/** The value as it is to appear in JSON. */
export function jsonValue(value: string, kind: ColumnKind): string {
  if (kind === 'id') return `(${value})::text`;
  if (kind === 'time') return `to_char(${value}, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
  return value;
}
