import { pastMoment } from '../../fixtures/describe/moments.ts';
import { phrase } from '../../fixtures/prose.ts';
import { Random } from '../../fixtures/random.ts';
import type { Cell, Column, Row, Table } from '../../fixtures/table-definition.ts';
import { articleText } from './article-text.ts';
import { articles, otherTables } from './portal-tables.ts';
import { webPages } from './web-pages.ts';

/** Share of the bytes that one table has. */
const articleShare = 0.85;
const firstId = 30_000;
const maxPhrase = 40;

export interface TableRow {
  readonly table: Table;
  readonly row: Row;
}

/** Rows of so many bytes (as text, approximately), table after table, the same ones each time. */
export function* describeDatabase(bytes: number): Generator<TableRow> {
  yield* rowsOf(articles, bytes * articleShare);
  for (const table of otherTables) yield* rowsOf(table, (bytes * (1 - articleShare)) / otherTables.length);
}

function* rowsOf(table: Table, bytes: number): Generator<TableRow> {
  const random = new Random('database with one large table', table.name);
  const columns = Object.entries(table.columns);
  for (let [number, written] = [1, 0]; written < bytes; number += 1) {
    const cells = columns.map(([name, column]): [string, Cell] => [
      name,
      cellOf({ table, name, column, number, random }),
    ]);
    for (const [, cell] of cells) written += textLength(cell);
    yield { table, row: Object.fromEntries(cells) };
  }
}

interface Place {
  readonly table: Table;
  readonly name: string;
  readonly column: Column;
  /** Of the row, from 1. */
  readonly number: number;
  readonly random: Random;
}

/** By the column's name where that says what is in it, else by its type. */
function cellOf({ table, name, column, number, random }: Place): Cell {
  if (column.default !== undefined) return column.default;
  if (name === table.key[0]) return firstId + number;
  switch (name) {
    case 'companyId':
      return 20_097;
    case 'groupId':
      return 20_121 + random.between(0, 40);
    case 'classNameId':
      return 20_001 + random.between(0, 60);
    case 'userId':
    case 'ownerId':
    case 'roleId':
      return 20_200 + random.between(0, 2_000);
    case 'userName':
      return `User ${random.between(0, 2_000)}`;
    // The next two groups differ from row to row: unique indexes rely on them.
    case 'articleId':
    case 'name':
    case 'primKey':
    case 'urlTitle':
      return `${phrase(random, 2).replaceAll(' ', '-')}-${firstId + number}`;
    case 'articlePK':
    case 'assetEntryId':
    case 'classPK':
    case 'fieldId':
    case 'fileEntryId':
    case 'layoutId':
      return firstId + number;
    case 'content':
      return articleText(random);
    case 'html':
    case 'editableValues':
      return webPages(random, random.between(200, 900));
    case 'status':
      return 0;
    case 'version':
      return column.type === 'DOUBLE' ? 1 + random.between(0, 9) / 10 : '1.0';
  }
  if (/uuid/i.test(name)) return random.uuid();
  return cellOfType(column, random);
}

function cellOfType({ type, length = maxPhrase }: Column, random: Random): Cell {
  switch (type) {
    case 'LONG':
      return random.between(firstId, firstId + 1_000_000);
    case 'INTEGER':
      return random.between(0, 5);
    case 'DOUBLE':
      return random.between(0, 100) / 10;
    case 'BOOLEAN':
      return random.chance(0.8);
    case 'DATE':
      return random.chance(0.1) ? null : pastMoment(random);
    case 'VARCHAR':
      return phrase(random, 3).slice(0, Math.min(length, maxPhrase)).toWellFormed();
    case 'STRING':
    case 'TEXT':
      return phrase(random, random.between(2, 20));
    default:
      return null;
  }
}

/** Close to what a dump has for it. */
function textLength(cell: Cell): number {
  if (cell === null) return 3;
  if (cell instanceof Date) return 24;
  return String(cell).length + 1;
}
