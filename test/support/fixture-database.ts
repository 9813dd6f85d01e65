import type { DatabaseConnection } from '@lcb/core';
import { throwawayMariadb } from '@lcb/database-dump/testing';
import type { ThrowawayServer } from '@lcb/embedded-postgres/testing';
import {
  createDatabase,
  createMysqlDatabase,
  type EnvironmentSpec,
  environmentSchemas,
  fillMysql,
  fillPostgresql,
} from '../fixtures/index.ts';

/** A real server that holds environments, of either kind. */
export interface FixtureDatabase {
  /** The database of this name, there or not. */
  place(database: string): PlacedDatabase;
  /** Creates and fills the source's database. */
  fill(spec: EnvironmentSpec): Promise<void>;
  remove(): Promise<void>;
}

export interface PlacedDatabase {
  /** As a request declares it: the password by reference. */
  readonly declared: DatabaseConnection;
  /** With the password. */
  readonly databaseUrl: string;
  /** Databases of the partitions, where a partition is a database. */
  readonly partitions: readonly string[];
  /** Tables in it that are not the environment's own. */
  readonly besides: readonly string[];
}

export type DatabaseKind = 'postgresql' | 'mariadb';

/** What the source's database is called. */
export const SOURCE_DATABASE = 'lportal';

/** On the server that holds the catalogs too. */
export function postgresqlDatabase(server: ThrowawayServer): FixtureDatabase {
  return {
    place: (database) => ({ ...placed('postgresql', server.url, database), partitions: [], besides: [] }),
    fill: async (spec) => {
      await fillPostgresql(spec, await createDatabase(server.url, SOURCE_DATABASE));
    },
    // Whoever started it stops it.
    remove: async () => {},
  };
}

export async function mariadbDatabase(
  spec: EnvironmentSpec,
  settings: Readonly<Record<string, string>> = {},
): Promise<FixtureDatabase> {
  const server = await throwawayMariadb({ settings });
  const [, ...partitions] = environmentSchemas(spec);
  return {
    place: (database) => ({
      ...placed('mysql', server.url, database),
      // MySQL has no comment on a database: a restore leaves its mark in a table.
      besides: ['lcb_restore'],
      // Restored beside their source, partitions get the name of the restored database in front of theirs.
      partitions: partitions.map((name) => (database === SOURCE_DATABASE ? name : `${database}_${name}`)),
    }),
    fill: async () => {
      await fillMysql(spec, await createMysqlDatabase(server.url, SOURCE_DATABASE));
    },
    remove: () => server.remove(),
  };
}

function placed(engine: DatabaseConnection['engine'], serverUrl: string, database: string) {
  const variable = `LCB_TEST_${engine.toUpperCase()}_PASSWORD`;
  process.env[variable] = decodeURIComponent(new URL(serverUrl).password);
  const databaseUrl = new URL(serverUrl);
  databaseUrl.pathname = `/${database}`;
  const declared = new URL(databaseUrl);
  declared.password = '';
  return {
    databaseUrl: databaseUrl.href,
    declared: { engine, url: declared.href, secret: `env:${variable}` },
  };
}
