import { setTimeout as pause } from 'node:timers/promises';
import { databaseOf, run, select, withConnection } from '../../fixtures/mysql/connect.ts';
import { mysqlDialect } from '../../fixtures/mysql/dialect.ts';
import { InsertLoader } from '../../fixtures/mysql/insert-loader.ts';
import { withClient } from '../../fixtures/postgresql/connect.ts';
import { CopyLoader } from '../../fixtures/postgresql/copy-loader.ts';
import { postgresqlDialect } from '../../fixtures/postgresql/dialect.ts';
import { describeDatabase } from './describe-database.ts';
import { articles, otherTables } from './portal-tables.ts';

const tables = [articles, ...otherTables];
/** Where Liferay's tables are on PostgreSQL. */
const schema = 'public';

/** Fills an empty database with so many bytes. Afterwards the server has nothing left to do for it. */
export async function fillPostgresqlDatabase(databaseUrl: string, bytes: number): Promise<void> {
  await withClient(databaseUrl, async (client) => {
    const all = async (statements: readonly string[]) => {
      for (const statement of statements) await client.query(statement);
    };
    for (const table of tables) await all(postgresqlDialect.createTable(schema, table));
    const loader = new CopyLoader(client);
    for (const { table, row } of describeDatabase(bytes))
      if (loader.add(schema, table, row)) await loader.flush();
    await loader.flush();
    for (const table of tables) await all(postgresqlDialect.createKeys(schema, table));
    // Else the first who reads a page has to write it.
    await all(['vacuum (freeze, analyze)', 'checkpoint']);
  });
}

/** The same on MariaDB. */
export async function fillMariadbDatabase(databaseUrl: string, bytes: number): Promise<void> {
  const name = databaseOf(databaseUrl);
  const dialect = mysqlDialect();
  await withConnection(databaseUrl, async (connection) => {
    for (const table of tables) await run(connection, dialect.createTable(name, table));
    const loader = new InsertLoader(connection, dialect);
    await connection.query('begin');
    for (const { table, row } of describeDatabase(bytes))
      if (loader.add(name, table, row)) await loader.flush();
    await loader.flush();
    await connection.query('commit');
    for (const table of tables) await run(connection, [`analyze table ${dialect.tableName(name, table)}`]);
    await run(connection, ['set global innodb_max_dirty_pages_pct = 0']);
    await untilWritten(() => select(connection, "show global status like 'Innodb_buffer_pool_pages_dirty'"));
    await run(connection, ['set global innodb_max_dirty_pages_pct = default']);
  });
}

async function untilWritten(status: () => Promise<readonly { readonly Value: string }[]>): Promise<void> {
  const [enough, pauseMilliseconds, tries] = [100, 200, 300];
  for (let count = 0; count < tries; count += 1) {
    if (Number((await status())[0]?.Value) < enough) return;
    await pause(pauseMilliseconds);
  }
}
