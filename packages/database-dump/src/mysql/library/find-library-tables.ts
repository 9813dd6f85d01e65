import { type LibraryTable, libraryRowOrder, libraryTables } from '@lcb/core';
import { z } from 'zod';
import { quoteName } from '../catalog/quote.ts';
import type { Session } from '../connection/session.ts';
import { columnValue, type FoundTable, hasColumn } from './columns.ts';

/** By Liferay's name of the table; one entry for each database that has it. */
export type FoundLibrary = ReadonlyMap<LibraryTable, readonly FoundTable[]>;

const columnRow = z.object({ schema: z.string(), relation: z.string(), name: z.string(), type: z.string() });

/** Tables of these names, in any case, in these databases. Views are left out: a partition's rows would count twice. */
export async function findTables(
  session: Session,
  schemas: readonly string[],
  names: readonly string[],
): Promise<FoundTable[]> {
  const columns = await session.query(
    columnRow,
    `SELECT c.table_schema AS \`schema\`, c.table_name AS relation, c.column_name AS name, LOWER(c.data_type) AS type
     FROM information_schema.columns c
     JOIN information_schema.tables t ON t.table_schema = c.table_schema AND t.table_name = c.table_name
     WHERE c.table_schema IN (?) AND LOWER(c.table_name) IN (?) AND t.table_type IN ('BASE TABLE', 'SYSTEM VERSIONED')
     ORDER BY c.table_schema, c.table_name, c.ordinal_position`,
    [schemas, names.map((name) => name.toLowerCase())],
  );
  const tables = new Map<string, FoundTable & { columns: Map<string, { name: string; type: string }> }>();
  for (const { schema, relation, name, type } of columns) {
    const id = JSON.stringify([schema, relation]);
    const table = tables.get(id) ?? { schema, relation, columns: new Map() };
    table.columns.set(name.toLowerCase(), { name, type });
    tables.set(id, table);
  }
  return [...tables.values()];
}

/** Liferay's tables in these databases. Where one has a name in two cases, Liferay's own spelling is taken, or the first. */
export async function findLibraryTables(session: Session, schemas: readonly string[]): Promise<FoundLibrary> {
  const relations = await findTables(session, schemas, libraryTables);
  return new Map(
    libraryTables.map((name) => {
      const own = relations
        .filter(({ relation }) => relation.toLowerCase() === name.toLowerCase())
        .filter((table) => hasColumn(table, libraryRowOrder[name].id, 'id'))
        .sort((a, b) => Number(b.relation === name) - Number(a.relation === name));
      return [name, own.filter((table, at) => own.findIndex(({ schema }) => schema === table.schema) === at)];
    }),
  );
}

/** Liferay's build number: of the portal itself, the highest where several databases have one. */
export async function readLiferayBuild(session: Session, library: FoundLibrary): Promise<number | undefined> {
  const builds: number[] = [];
  for (const table of library.get('Release_') ?? []) {
    if (!hasColumn(table, 'servletContextName', 'text') || !hasColumn(table, 'buildNumber', 'number'))
      continue;
    const build = columnValue(table, 't', 'buildNumber', 'number');
    const rows = await session.query(
      z.object({ build: z.coerce.number().int().nonnegative() }),
      `SELECT ${build} AS build FROM ${quoteName(table.schema, table.relation)} t
       WHERE ${columnValue(table, 't', 'servletContextName', 'text')} = 'portal' AND ${build} IS NOT NULL`,
    );
    builds.push(...rows.map((row) => row.build));
  }
  return builds.length === 0 ? undefined : Math.max(...builds);
}
