import { quoteIdentifier } from '../../catalog/quote.ts';
import type { StoredColumn } from '../../catalog/table-storage.ts';
import type { ValueKind } from './insert-writer.ts';

/** A column as it is asked for and written. */
export interface ReadColumn {
  readonly name: string;
  /** What is selected for it. */
  readonly expression: string;
  readonly kind: ValueKind;
}

const KINDS: Readonly<Record<ValueKind, readonly string[]>> = {
  number: ['tinyint', 'smallint', 'mediumint', 'int', 'bigint', 'decimal', 'float', 'double', 'year'],
  text: [
    ...['char', 'varchar', 'tinytext', 'text', 'mediumtext', 'longtext', 'enum', 'set', 'json'],
    ...['date', 'datetime', 'timestamp', 'time', 'uuid', 'inet4', 'inet6'],
  ],
  binary: [
    ...['binary', 'varbinary', 'tinyblob', 'blob', 'mediumblob', 'longblob', 'bit', 'geometry', 'point'],
    ...['linestring', 'polygon', 'multipoint', 'multilinestring', 'multipolygon'],
    ...['geometrycollection', 'geomcollection'],
  ],
};
const kindOf = new Map<string, ValueKind>([
  ...KINDS.number.map((type) => [type, 'number'] as const),
  ...KINDS.text.map((type) => [type, 'text'] as const),
  ...KINDS.binary.map((type) => [type, 'binary'] as const),
]);

/** Undefined where there is a column of a type that we do not know how to write. */
export function readableColumns(columns: readonly StoredColumn[]): readonly ReadColumn[] | undefined {
  const read = columns.flatMap(({ name, type }) => {
    const kind = kindOf.get(type);
    if (kind === undefined) return [];
    const column = quoteIdentifier(name);
    // As it is, a float is sent with six digits of its about seven, and what is restored is another number.
    return [{ name, expression: type === 'float' ? `${column} * 1e0` : column, kind }];
  });
  return read.length === 0 || read.length < columns.length ? undefined : read;
}
