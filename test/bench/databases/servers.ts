import { findMariadb } from '@lcb/database-dump/testing';
import { chooseServerMajor } from '@lcb/embedded-postgres';
import { createDatabase, createMysqlDatabase } from '../../fixtures/index.ts';
import { withConnection } from '../../fixtures/mysql/connect.ts';
import { quoted } from '../../fixtures/mysql/dialect.ts';
import type { DatabaseKind } from '../../support/fixture-database.ts';
import { dropDatabase } from '../database.ts';
import { fillMariadbDatabase, fillPostgresqlDatabase } from './fill-database.ts';
import { mariadbTools } from './mariadb-tools.ts';
import type { PlainTools } from './plain-tools.ts';
import { postgresqlTools } from './postgresql-tools.ts';

/** One kind of server, as far as the scenarios have to tell them apart. */
export interface MeasuredServer {
  readonly name: 'PostgreSQL' | 'MariaDB';
  readonly kind: DatabaseKind;
  /** Such as 10.11.19. */
  readonly version: string;
  /** As a server for some gigabytes is set up, instead of one for tests. */
  readonly settings: Readonly<Record<string, string>>;
  /** Creates an empty database on the server that a URL names, and answers its URL. */
  create(serverUrl: string, name: string): Promise<string>;
  fill(databaseUrl: string, bytes: number): Promise<void>;
  /** Drops a database, if it is there. */
  drop(databaseUrl: string): Promise<void>;
  tools(databaseUrl: string): Promise<PlainTools>;
}

const openers = { PostgreSQL: postgresql, MariaDB: mariadb };

/** The servers that this machine can start; of another it says why not. */
export async function presentServers(progress: (line: string) => void): Promise<readonly MeasuredServer[]> {
  const found: MeasuredServer[] = [];
  for (const [name, open] of Object.entries(openers)) {
    try {
      found.push(await open());
    } catch (error) {
      progress(`without ${name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return found;
}

async function postgresql(): Promise<MeasuredServer> {
  const { binaries, tools } = await chooseServerMajor();
  return {
    name: 'PostgreSQL',
    kind: 'postgresql',
    version: binaries.version,
    settings: {
      shared_buffers: '512MB',
      maintenance_work_mem: '128MB',
      max_wal_size: '4GB',
      checkpoint_timeout: '30min',
    },
    create: createDatabase,
    fill: fillPostgresqlDatabase,
    drop: dropDatabase,
    tools: (databaseUrl) => postgresqlTools(databaseUrl, tools),
  };
}

async function mariadb(): Promise<MeasuredServer> {
  const { version } = await findMariadb();
  return {
    name: 'MariaDB',
    kind: 'mariadb',
    version: version.replace(/-.*/, ''),
    settings: {
      innodb_buffer_pool_size: '512M',
      innodb_log_file_size: '1G',
      innodb_io_capacity: '20000',
      innodb_io_capacity_max: '40000',
    },
    create: createMysqlDatabase,
    fill: fillMariadbDatabase,
    drop: dropMariadbDatabase,
    tools: async (databaseUrl) => mariadbTools(databaseUrl),
  };
}

async function dropMariadbDatabase(databaseUrl: string): Promise<void> {
  const url = new URL(databaseUrl);
  const name = decodeURIComponent(url.pathname.slice(1));
  url.pathname = '';
  await withConnection(url.href, (connection) => connection.query(`drop database if exists ${quoted(name)}`));
}
