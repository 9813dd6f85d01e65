import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { OpenConnection } from '@lcb/core';
import mysql from 'mysql2/promise';
import { mysqlEngine } from '../mysql/mysql-engine.ts';
import { throwawayMariadb } from './mariadb-server.ts';

/** A real server for one test file. */
export async function startMysqlServer(settings: Readonly<Record<string, string>> = {}) {
  const server = await throwawayMariadb({ settings });
  const connection = (database: string, user = server.user, password = server.password): OpenConnection => ({
    url: `mysql://${user}@127.0.0.1:${server.port}/${encodeURIComponent(database)}`,
    password,
  });
  const withClient = async <T>(
    database: string | undefined,
    work: (client: mysql.Connection) => Promise<T>,
  ): Promise<T> => {
    const client = await mysql.createConnection({
      host: '127.0.0.1',
      port: server.port,
      user: server.user,
      password: server.password,
      ...(database === undefined ? {} : { database }),
      multipleStatements: true,
      charset: 'utf8mb4',
    });
    client.on('error', () => {});
    try {
      return await work(client);
    } finally {
      client.destroy();
    }
  };
  /** Runs statements as the client does, with its DELIMITER. */
  const run = async (database: string | undefined, sql: string | Buffer) => {
    const args = ['--no-defaults', '--protocol=tcp', '-h127.0.0.1', `-P${server.port}`, `-u${server.user}`];
    const options = ['--binary-mode', '--comments', '--default-character-set=utf8mb4', database ?? ''];
    const running = promisify(execFile)('mariadb', [...args, ...options], {
      env: { ...process.env, MYSQL_PWD: server.password },
    });
    running.child.stdin?.end(sql);
    await running;
  };
  return {
    ...server,
    engine: mysqlEngine(),
    connection,
    withClient,
    run,
    /** The first column of the first row. */
    value: (database: string | undefined, sql: string): Promise<unknown> =>
      withClient(database, async (client) => {
        const [rows] = await client.query({ sql, rowsAsArray: true });
        const first: unknown = Array.isArray(rows) ? rows[0] : undefined;
        return Array.isArray(first) ? first[0] : undefined;
      }),
    /** Creates a database and fills it. */
    create: async (database: string, sql: string, options = '') => {
      await run(undefined, `CREATE DATABASE \`${database.replaceAll('`', '``')}\` ${options};`);
      await run(database, sql);
    },
    /** Everything of a database as text, by a dump of its own. */
    asText: async (database: string): Promise<string> => {
      const { stdout } = await promisify(execFile)(
        'mariadb-dump',
        [
          ...['--no-defaults', '--protocol=tcp', '-h127.0.0.1', `-P${server.port}`, `-u${server.user}`],
          ...['--routines', '--triggers', '--events', '--hex-blob', '--skip-comments', '--order-by-primary'],
          ...[`--ignore-table=${database}.lcb_restore`, database],
        ],
        {
          env: { ...process.env, MYSQL_PWD: server.password },
          maxBuffer: 256 * 1024 * 1024,
          encoding: 'latin1',
        },
      );
      return stdout;
    },
  };
}

export type MysqlServer = Awaited<ReturnType<typeof startMysqlServer>>;
