import type { Client } from 'pg';

/** A table with rows of its own, and how to read them in an order that every server agrees on. */
export interface ComparedTable {
  /** `schema.table`, for people. */
  readonly name: string;
  /** `COPY` of all rows to the client, in key order. */
  readonly copy: string;
}

interface TableRow {
  readonly schema: string;
  readonly table: string;
  readonly key: readonly { readonly column: string; readonly collatable: boolean }[] | null;
}

/** Tables and materialized views of all schemas that are not PostgreSQL's, by name. */
export async function listTables(client: Client): Promise<ReadonlyMap<string, ComparedTable>> {
  const { rows } = await client.query<TableRow>(`
    select n.nspname as "schema", c.relname as "table", k.key
    from pg_class c
    join pg_namespace n on n.oid = c.relnamespace
    left join lateral (
      select json_agg(json_build_object('column', a.attname, 'collatable', a.attcollation <> 0) order by p.place) as key
      from pg_index x, unnest(x.indkey::int2[]) with ordinality as p(attnum, place), pg_attribute a
      where x.indrelid = c.oid and x.indisprimary and a.attrelid = c.oid and a.attnum = p.attnum and p.place <= x.indnkeyatts
    ) k on true
    where c.relkind in ('r', 'm') and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
    order by 1, 2`);
  return new Map(
    rows.map(({ schema, table, key }) => {
      const source = `${client.escapeIdentifier(schema)}.${client.escapeIdentifier(table)}`;
      const order = (key ?? []).map(
        ({ column, collatable }) =>
          `"compared".${client.escapeIdentifier(column)}${collatable ? ' collate "C"' : ''}`,
      );
      // Without a key the whole row as text decides; PostgreSQL sorts it on disk when it is large.
      const orderBy = order.length > 0 ? order.join(', ') : '"compared"::text collate "C"';
      const name = `${schema}.${table}`;
      return [
        name,
        {
          name,
          copy: `copy (select "compared".* from ${source} as "compared" order by ${orderBy}) to stdout`,
        },
      ];
    }),
  );
}
