import { type LibraryTable, libraryRowOrder, libraryTables } from '@lcb/core';
import { z } from 'zod';
import { quoteName } from '../catalog/quote.ts';
import { isUserSchema } from '../catalog/user-objects.ts';
import type { Session } from '../connection/session.ts';
import { columnValue, type FoundTable, hasColumn } from './columns.ts';

/** By Liferay's name of the table; one entry for each schema that has it. */
export type FoundLibrary = ReadonlyMap<LibraryTable, readonly FoundTable[]>;

const relationRow = z.object({
  schema: z.string(),
  relation: z.string(),
  columns: z.array(z.object({ name: z.string(), type: z.string() })),
});

/**
 * Liferay's tables in all schemas but those left out, in any case of their names. Views are left out: with partitioned companies each schema
 * has views of the shared tables, and their rows would count twice.
 */
export async function findLibraryTables(
  session: Session,
  leftOut: readonly string[] = [],
): Promise<FoundLibrary> {
  const found = await session.query(
    relationRow,
    // The folded name first, so that it is the one taken where a schema has the name in two cases.
    `SELECT n.nspname AS schema, c.relname AS relation,
       json_agg(json_build_object('name', a.attname, 'type', t.typname)) AS columns
     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
     JOIN pg_type t ON t.oid = a.atttypid
     WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relpersistence <> 't' AND ${isUserSchema}
       AND lower(c.relname) = ANY ($1)
     GROUP BY n.nspname, c.relname
     ORDER BY n.nspname, c.relname <> lower(c.relname), c.relname`,
    [libraryTables.map((name) => name.toLowerCase())],
  );
  const relations = found.filter(({ schema }) => !leftOut.includes(schema));
  return new Map(
    libraryTables.map((name) => {
      const sameName = relations
        .filter(({ relation }) => relation.toLowerCase() === name.toLowerCase())
        .map(foundTable);
      const own = sameName.filter((table) => hasColumn(table, libraryRowOrder[name].id, 'id'));
      return [name, own.filter((table, at) => own.findIndex(({ schema }) => schema === table.schema) === at)];
    }),
  );
}

function foundTable({ schema, relation, columns }: z.infer<typeof relationRow>): FoundTable {
  return { schema, relation, columns: new Map(columns.map((column) => [column.name.toLowerCase(), column])) };
}

/** Liferay's build number: of the portal itself, the highest where several schemas have one. */
export async function readLiferayBuild(session: Session, library: FoundLibrary): Promise<number | undefined> {
  const tables = (library.get('Release_') ?? []).filter(
    (table) => hasColumn(table, 'servletContextName', 'text') && hasColumn(table, 'buildNumber', 'number'),
  );
  const builds: number[] = [];
  for (const table of tables) builds.push(...(await readBuilds(session, table)));
  return builds.length === 0 ? undefined : Math.max(...builds);
}

async function readBuilds(session: Session, table: FoundTable): Promise<number[]> {
  const build = columnValue(table, 't', 'buildNumber', 'number');
  const rows = await session.query(
    z.object({ build: z.coerce.number().int().nonnegative() }),
    `SELECT ${build} AS build FROM ${quoteName(table.schema, table.relation)} t
     WHERE ${columnValue(table, 't', 'servletContextName', 'text')} = 'portal' AND ${build} IS NOT NULL`,
  );
  return rows.map((row) => row.build);
}
