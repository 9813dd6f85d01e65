import { type LibraryTable, libraryRowOrder } from '@lcb/core';
import { type ColumnKind, libraryColumns } from '../../library/library-columns.ts';
import { quoteIdentifier, quoteLiteral, quoteName } from '../catalog/quote.ts';
import { columnValue, type FoundTable, jsonValue } from './columns.ts';
import type { FoundLibrary } from './find-library-tables.ts';

/** A column of the result, in SQL. */
interface Output {
  readonly name: string;
  readonly sql: string;
}

/**
 * The query that gives a table's rows as JSON lines, from all schemas, sorted; undefined where no schema has the table.
 *
 * The server writes the JSON and COPY sends it as it is: as CSV whose quote and delimiter are control characters, which
 * JSON never holds unescaped, nothing ever needs quoting. So no row is taken apart here.
 */
export function libraryCopy(name: LibraryTable, library: FoundLibrary): string | undefined {
  const tables = library.get(name) ?? [];
  if (tables.length === 0) return undefined;
  const selects = tables.map((table) => selectRows(name, table, library));
  const names = ['schema', ...(selects[0]?.outputs.map((output) => output.name) ?? [])];
  // The bytes of UTF-8 in a database of any encoding; rows for which no key can be told come first.
  const key = libraryRowOrder[name].byKey ? `convert_to(u.key, 'UTF8') NULLS FIRST, ` : '';
  return `COPY (
    SELECT row_to_json(r) FROM (
      SELECT ${names.map((column) => `u.${quoteIdentifier(column)}`).join(', ')}
      FROM (${selects.map(({ sql }) => sql).join('\nUNION ALL\n')}) u
      ORDER BY ${key}u."~id", u."~collection", convert_to(u.schema, 'UTF8')
    ) r
  ) TO STDOUT (FORMAT csv, DELIMITER E'\\x02', QUOTE E'\\x01')`;
}

function selectRows(name: LibraryTable, table: FoundTable, library: FoundLibrary) {
  const own = Object.entries(libraryColumns[name]).map(([column, kind]) => output(table, 't', column, kind));
  const { outputs, joins } = joined(name, table, library);
  const all = [...own, ...outputs];
  const sql = `SELECT ${quoteLiteral(table.schema)}::text AS schema,
    ${all.map((one) => `${one.sql} AS ${quoteIdentifier(one.name)}`).join(', ')},
    ${columnValue(table, 't', libraryRowOrder[name].id, 'id')} AS "~id", ${columnValue(table, 't', 'ctCollectionId', 'id')} AS "~collection"
    FROM ${quoteName(table.schema, table.relation)} t ${joins}`;
  return { outputs: all, sql };
}

function output(table: FoundTable, alias: string, name: string, kind: ColumnKind): Output {
  return { name, sql: jsonValue(columnValue(table, alias, name, kind), kind) };
}

/** What is worked out from more than the table's own columns. */
function joined(name: LibraryTable, table: FoundTable, library: FoundLibrary) {
  if (name === 'Image') return { outputs: [{ name: 'key', sql: imageKey(table) }], joins: '' };
  if (name !== 'DLFileVersion') return { outputs: [], joins: '' };
  const entries = library.get('DLFileEntry')?.find(({ schema }) => schema === table.schema);
  return fileVersion(table, entries);
}

/** `{companyId}/0/{imageId}.{type_}/1.0` */
function imageKey(table: FoundTable): string {
  const value = (name: string, kind: ColumnKind) => columnValue(table, 't', name, kind);
  return `${value('companyId', 'id')}::text || '/0/' || ${value('imageId', 'id')}::text || '.' || ${value('type_', 'text')} || '/1.0'`;
}

/**
 * Names and place of a version's object are its entry's: of the entry in the same publication where that has one, else of
 * the one in production. A version whose entry is missing has no key.
 */
function fileVersion(table: FoundTable, entries: FoundTable | undefined) {
  const entry = (name: string, kind: ColumnKind) => {
    const none: FoundTable = { schema: table.schema, relation: '', columns: new Map() };
    if (!entries) return columnValue(none, '', name, kind);
    const [same, production] = ['same_', 'production_'].map((alias) =>
      columnValue(entries, alias, name, kind),
    );
    return `CASE WHEN ${columnValue(entries, 'same_', 'fileEntryId', 'id')} IS NOT NULL THEN ${same} ELSE ${production} END`;
  };
  const folder = entry('folderId', 'id');
  const repository = entry('repositoryId', 'id');
  const storeUuid = columnValue(table, 't', 'storeUUID', 'text');
  const key = `(${entry('companyId', 'id')})::text
    || '/' || coalesce(nullif(${folder}, 0), ${repository})::text
    || '/' || (${entry('name', 'text')})
    || '/' || ${columnValue(table, 't', 'version', 'text')} || coalesce('~' || nullif(${storeUuid}, ''), '')`;
  const outputs: Output[] = [
    { name: 'name', sql: entry('name', 'text') },
    { name: 'folderId', sql: jsonValue(folder, 'id') },
    { name: 'repositoryId', sql: jsonValue(repository, 'id') },
    { name: 'key', sql: key },
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
