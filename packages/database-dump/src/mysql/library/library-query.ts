import { type LibraryTable, libraryRowOrder } from '@lcb/core';
import { type ColumnKind, libraryColumns } from '../../library/library-columns.ts';
import { quoteIdentifier, quoteLiteral, quoteName } from '../catalog/quote.ts';
import { columnValue, type FoundTable, textValue } from './columns.ts';
import type { FoundLibrary } from './find-library-tables.ts';

/** A field of a row: its name, and how its text becomes JSON. */
export interface Field {
  readonly name: string;
  readonly kind: ColumnKind;
}

interface Output extends Field {
  readonly sql: string;
}

export interface LibraryQuery {
  readonly sql: string;
  /** In the order of the query's columns. */
  readonly fields: readonly Field[];
}

/** The query that gives a table's rows from all databases, sorted; undefined where no database has the table. */
export function libraryQuery(name: LibraryTable, library: FoundLibrary): LibraryQuery | undefined {
  const tables = library.get(name) ?? [];
  const [first, ...others] = tables.map((table) => selectRows(name, table, library));
  if (!first) return undefined;
  const fields = first.outputs.map((output) => ({ name: output.name, kind: output.kind }));
  // The bytes of UTF-8; rows for which no key can be told come first, as NULLs do.
  const key = libraryRowOrder[name].byKey ? 'CAST(u.`key` AS BINARY), ' : '';
  return {
    fields,
    sql: `SELECT ${fields.map((field) => `u.${quoteIdentifier(field.name)}`).join(', ')}
      FROM (${[first, ...others].map(({ sql }) => sql).join('\nUNION ALL\n')}) u
      ORDER BY ${key}u.\`~id\`, u.\`~collection\`, CAST(u.\`schema\` AS BINARY)`,
  };
}

function selectRows(name: LibraryTable, table: FoundTable, library: FoundLibrary) {
  const own = Object.entries(libraryColumns[name]).map(([column, kind]) => output(table, 't', column, kind));
  const { outputs, joins } = joined(name, table, library);
  const schema: Output = {
    name: 'schema',
    kind: 'text',
    sql: `CONVERT(${quoteLiteral(table.schema)} USING utf8mb4)`,
  };
  const all = [schema, ...own, ...outputs];
  const sql = `SELECT ${all.map((one) => `${one.sql} AS ${quoteIdentifier(one.name)}`).join(', ')},
    ${columnValue(table, 't', libraryRowOrder[name].id, 'id')} AS \`~id\`, ${columnValue(table, 't', 'ctCollectionId', 'id')} AS \`~collection\`
    FROM ${quoteName(table.schema, table.relation)} t ${joins}`;
  return { outputs: all, sql };
}

function output(table: FoundTable, alias: string, name: string, kind: ColumnKind): Output {
  return { name, kind, sql: textValue(columnValue(table, alias, name, kind), kind) };
}

/** What is worked out from more than the table's own columns. */
function joined(name: LibraryTable, table: FoundTable, library: FoundLibrary) {
  if (name === 'Image')
    return { outputs: [{ name: 'key', kind: 'text' as const, sql: imageKey(table) }], joins: '' };
  if (name !== 'DLFileVersion') return { outputs: [], joins: '' };
  const entries = library.get('DLFileEntry')?.find(({ schema }) => schema === table.schema);
  return fileVersion(table, entries);
}

/** `{companyId}/0/{imageId}.{type_}/1.0` */
function imageKey(table: FoundTable): string {
  const value = (name: string, kind: ColumnKind) => columnValue(table, 't', name, kind);
  return concat(
    value('companyId', 'id'),
    "'/0/'",
    value('imageId', 'id'),
    "'.'",
    value('type_', 'text'),
    "'/1.0'",
  );
}

/**
 * Names and place of a version's object are its entry's: of the entry in the same publication where that has one, else of
 * the one in production. A version whose entry is missing has no key.
 */
function fileVersion(table: FoundTable, entries: FoundTable | undefined) {
  const entry = (name: string, kind: ColumnKind) => {
    if (!entries) return 'NULL';
    const [same, production] = ['same_', 'production_'].map((alias) =>
      columnValue(entries, alias, name, kind),
    );
    return `IF(${columnValue(entries, 'same_', 'fileEntryId', 'id')} IS NOT NULL, ${same}, ${production})`;
  };
  const folder = entry('folderId', 'id');
  const repository = entry('repositoryId', 'id');
  const storeUuid = columnValue(table, 't', 'storeUUID', 'text');
  const key = concat(
    entry('companyId', 'id'),
    "'/'",
    `COALESCE(NULLIF(${folder}, 0), ${repository})`,
    "'/'",
    entry('name', 'text'),
    "'/'",
    columnValue(table, 't', 'version', 'text'),
    `COALESCE(CONCAT('~', NULLIF(${storeUuid}, '')), '')`,
  );
  const outputs: Output[] = [
    { name: 'name', kind: 'text', sql: textValue(entry('name', 'text'), 'text') },
    { name: 'folderId', kind: 'id', sql: textValue(folder, 'id') },
    { name: 'repositoryId', kind: 'id', sql: textValue(repository, 'id') },
    { name: 'key', kind: 'text', sql: key },
  ];
  return { outputs, joins: entries ? entryJoins(table, entries) : '' };
}

function entryJoins(table: FoundTable, entries: FoundTable): string {
  const collection = columnValue(table, 't', 'ctCollectionId', 'id');
  const id = columnValue(table, 't', 'fileEntryId', 'id');
  const join = (alias: string, condition: string) =>
    `LEFT JOIN ${quoteName(entries.schema, entries.relation)} ${alias}
      ON ${columnValue(entries, alias, 'fileEntryId', 'id')} = ${id} AND ${condition}`;
  const collectionOf = (alias: string) => columnValue(entries, alias, 'ctCollectionId', 'id');
  return [
    join('same_', `${collectionOf('same_')} = ${collection}`),
    join('production_', `${collectionOf('production_')} = 0 AND ${collection} <> 0`),
  ].join('\n');
}

/** NULL where one of them is. */
function concat(...values: readonly string[]): string {
  return `CONCAT(${values.join(', ')})`;
}
