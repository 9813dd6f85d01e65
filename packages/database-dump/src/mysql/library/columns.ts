import type { ColumnKind } from '../../library/library-columns.ts';
import { quoteIdentifier } from '../catalog/quote.ts';

const INTEGERS = ['tinyint', 'smallint', 'mediumint', 'int', 'bigint'];

/** Types that a kind takes. Whatever has another type is no column of Liferay's, even if its name is. */
const TYPES: Readonly<Record<ColumnKind, readonly string[]>> = {
  id: INTEGERS,
  number: [...INTEGERS, 'decimal', 'float', 'double'],
  text: ['char', 'varchar', 'tinytext', 'text', 'mediumtext', 'longtext'],
  boolean: [...INTEGERS, 'bit'],
  time: ['datetime', 'timestamp'],
};

/** A table found in a database: the columns by their names in lower case. */
export interface FoundTable {
  readonly schema: string;
  readonly relation: string;
  readonly columns: ReadonlyMap<string, { readonly name: string; readonly type: string }>;
}

export function hasColumn(table: FoundTable, name: string, kind: ColumnKind): boolean {
  return TYPES[kind].includes(table.columns.get(name.toLowerCase())?.type ?? '');
}

/** The column's value in SQL, or what stands for it where an older table has none: before 7.2 all is of production. */
export function columnValue(table: FoundTable, alias: string, name: string, kind: ColumnKind): string {
  const column = table.columns.get(name.toLowerCase());
  if (!column || !hasColumn(table, name, kind)) return name === 'ctCollectionId' ? '0' : 'NULL';
  const value = `${alias}.${quoteIdentifier(column.name)}`;
  return kind === 'text' ? `CONVERT(${value} USING utf8mb4)` : value;
}

/** The value as text or NULL, from which {@link jsonValue} makes what appears in JSON. */
export function textValue(value: string, kind: ColumnKind): string {
  if (kind === 'text') return value;
  if (kind === 'boolean') return `CAST(${value} <> 0 AS CHAR)`;
  // A zero date is none.
  if (kind === 'time') return `DATE_FORMAT(IF(YEAR(${value}) = 0, NULL, ${value}), '%Y-%m-%dT%H:%i:%s.%f')`;
  return `CAST(${value} AS CHAR)`;
}

export function jsonValue(text: string | null, kind: ColumnKind): string | number | boolean | null {
  if (text === null) return null;
  if (kind === 'number') return Number(text);
  if (kind === 'boolean') return text === '1';
  // Microseconds, of which a JSON time has the milliseconds.
  return kind === 'time' ? `${text.slice(0, 23)}Z` : text;
}
