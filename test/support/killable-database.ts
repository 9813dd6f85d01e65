import type { DatabaseConnection } from '@lcb/core';
import { throwawayMariadb } from '@lcb/database-dump/testing';
import { chooseServerMajor, startServer } from '@lcb/embedded-postgres';
import { throwawayServer } from '@lcb/embedded-postgres/testing';
import { createConnection } from 'mysql2/promise';
import { Client } from 'pg';
import {
  createDatabase,
  createMysqlDatabase,
  type EnvironmentSpec,
  fillMysql,
  fillPostgresql,
} from '../fixtures/index.ts';
import { databaseOf, select, withConnection } from '../fixtures/mysql/connect.ts';
import { withClient } from '../fixtures/postgresql/connect.ts';
import type { DatabaseKind } from './fixture-database.ts';

/** A server that holds a filled environment, but not the catalog, and that can be killed and come back. */
export interface KillableDatabase {
  readonly engine: DatabaseConnection['engine'];
  /** Of the source's database, with the password. */
  readonly url: string;
  /** Crashes it. */
  kill(): Promise<void>;
  /** Starts it on the same port, with the same data. Does nothing while it runs. */
  start(): Promise<void>;
  /** From now on until the server is killed a dump waits for a table when it comes to it. */
  holdDumps(): Promise<void>;
  /** Does a dump wait? */
  isDumpHeld(): Promise<boolean>;
  /** Is there a table in the database of this name? */
  hasTables(database: string): Promise<boolean>;
  /** Is there a database whose name begins so? */
  hasDatabase(name: string): Promise<boolean>;
  remove(): Promise<void>;
}

export function killableDatabase(kind: DatabaseKind, spec: EnvironmentSpec): Promise<KillableDatabase> {
  return kind === 'postgresql' ? killablePostgresql(spec) : killableMariadb(spec);
}

async function killablePostgresql(spec: EnvironmentSpec): Promise<KillableDatabase> {
  const { binaries } = await chooseServerMajor();
  const server = await throwawayServer({ binaries });
  const url = await createDatabase(server.url, 'lportal');
  await fillPostgresql(spec, url);
  const exists = (database: string, sql: string) =>
    withClient(new URL(`/${database}`, server.url).href, async (client) => {
      const { rowCount } = await client.query(sql);
      return (rowCount ?? 0) > 0;
    });
  const hasDatabase = (name: string) =>
    exists('postgres', `select from pg_database where starts_with(datname, '${name}')`);
  return {
    engine: 'postgresql',
    url,
    kill: () => server.stop('immediate'),
    async start() {
      await startServer({ dataDir: server.dataDir, port: server.port, binaries, durability: 'throwaway' });
    },
    async holdDumps() {
      const client = new Client({ connectionString: url });
      // It ends with the server.
      client.on('error', () => undefined);
      await client.connect();
      await client.query(`begin; lock table ${spec.schema}.dlfileentry in access exclusive mode`);
    },
    isDumpHeld: () =>
      exists(
        'postgres',
        `select from pg_stat_activity where datname = 'lportal' and wait_event_type = 'Lock' and application_name <> 'fixtures'`,
      ),
    hasDatabase,
    hasTables: async (database) =>
      (await hasDatabase(database)) &&
      exists(database, `select from pg_tables where schemaname = '${spec.schema}'`),
    remove: () => server.remove(),
  };
}

async function killableMariadb(spec: EnvironmentSpec): Promise<KillableDatabase> {
  const server = await throwawayMariadb();
  const url = await createMysqlDatabase(server.url, 'lportal');
  await fillMysql(spec, url);
  const exists = (sql: string) =>
    withConnection(server.url, async (connection) => (await select(connection, sql)).length > 0);
  return {
    engine: 'mysql',
    url,
    kill: () => server.kill(),
    start: () => server.start(),
    async holdDumps() {
      const connection = await createConnection({ uri: url });
      // It ends with the server.
      connection.on('error', () => undefined);
      await connection.query(`lock tables \`${databaseOf(url)}\`.\`DLFileEntry\` write`);
    },
    isDumpHeld: () =>
      exists(`select id from information_schema.processlist where state like 'Waiting for table%lock'`),
    hasDatabase: (name) =>
      exists(`select schema_name from information_schema.schemata where schema_name like '${name}%'`),
    hasTables: (database) =>
      exists(`select table_name from information_schema.tables where table_schema = '${database}'`),
    remove: () => server.remove(),
  };
}
