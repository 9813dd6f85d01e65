import type { DefinitionKind } from '../report.ts';
import { type MysqlSide, normalised, quoted, select } from './session.ts';

/** What a query says of everything of one kind in a database: a `name`, and all other columns together. */
const QUERIES: Readonly<Partial<Record<DefinitionKind, string>>> = {
  schema: `
    select '' as name, default_character_set_name, default_collation_name
    from information_schema.schemata where schema_name = ?`,

  // Here every table is named with its database; SHOW CREATE VIEW leaves the current one out.
  view: `
    select table_name as name, view_definition, check_option, is_updatable, security_type, character_set_client, collation_connection
    from information_schema.views where table_schema = ?`,

  trigger: `
    select trigger_name as name, event_manipulation, event_object_table, action_order, action_statement, action_timing,
      sql_mode, character_set_client, collation_connection, database_collation
    from information_schema.triggers where trigger_schema = ?`,

  event: `
    select event_name as name, time_zone, event_definition, event_type, execute_at, interval_value, interval_field, sql_mode,
      starts, ends, status, on_completion, event_comment, character_set_client, collation_connection, database_collation
    from information_schema.events where event_schema = ?`,
};

/** Everything of one kind on one side, by label and name. Owners and privileges are left out: a restore elsewhere rightly changes them. */
export async function definitionsOf(
  side: MysqlSide,
  kind: 'schema' | 'view' | 'trigger' | 'event',
): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  for (const { name: database, label } of side.databases) {
    const rows = await select<Record<string, unknown>>(side.connection, QUERIES[kind] ?? '', [database]);
    for (const { name, ...rest } of rows) {
      found.set(named(label, String(name)), normalised(side, JSON.stringify(rest)));
    }
  }
  return found;
}

/** Functions and procedures, with their parameters, as the server would create them. */
export async function routineDefinitions(side: MysqlSide): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  for (const { name: database, label } of side.databases) {
    const routines = await select<{ name: string; type: 'FUNCTION' | 'PROCEDURE' }>(
      side.connection,
      `select routine_name as name, routine_type as type from information_schema.routines
       where routine_schema = ? and routine_type in ('FUNCTION', 'PROCEDURE')`,
      [database],
    );
    for (const { name, type } of routines) {
      const [row] = await select<Record<string, unknown>>(
        side.connection,
        `show create ${type} ${quoted(database, name)}`,
      );
      found.set(
        named(label, `${name} (${type.toLowerCase()})`),
        normalised(side, Object.values(row ?? {}).join('; ')),
      );
    }
  }
  return found;
}

/** MariaDB's sequences: what they are, and where they stand. */
export async function sequences(side: MysqlSide): Promise<{
  readonly definitions: ReadonlyMap<string, string>;
  readonly values: ReadonlyMap<string, string>;
}> {
  const definitions = new Map<string, string>();
  const values = new Map<string, string>();
  for (const { name: database, label } of side.databases) {
    const names = await select<{ name: string }>(
      side.connection,
      `select table_name as name from information_schema.tables where table_schema = ? and table_type = 'SEQUENCE'`,
      [database],
    );
    for (const { name } of names) {
      const [row] = await select<Record<string, unknown>>(
        side.connection,
        `select * from ${quoted(database, name)}`,
      );
      const { next_not_cached_value: next, cycle_count: cycles, ...definition } = row ?? {};
      definitions.set(named(label, name), JSON.stringify(definition));
      values.set(named(label, name), `next ${next}, cycles ${cycles}`);
    }
  }
  return { definitions, values };
}

function named(label: string, name: string): string {
  return name === '' ? label : `${label}.${name}`;
}
