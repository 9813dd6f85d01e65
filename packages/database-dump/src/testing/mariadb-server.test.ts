import { execFile } from 'node:child_process';
import { access } from 'node:fs/promises';
import { promisify } from 'node:util';
import { requireOrSkip } from '@lcb/embedded-postgres/testing';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { findMariadb, findProgram } from './mariadb/mariadb-programs.ts';
import { type MariadbServer, throwawayMariadb } from './mariadb-server.ts';

const withMariadb = await requireOrSkip('MariaDB', async () => {
  await findMariadb();
  if (!(await findProgram('mariadb'))) throw new Error('Install its client: apt-get install mariadb-client');
});

withMariadb('throwawayMariadb', () => {
  let server: MariadbServer;

  beforeEach(async () => {
    server = await throwawayMariadb({ settings: { lower_case_table_names: '1' } });
  });

  afterEach(() => server.remove());

  async function query(statement: string, password = server.password): Promise<string> {
    const { stdout } = await promisify(execFile)(
      'mariadb',
      ['--no-defaults', '-N', '-h127.0.0.1', `-P${server.port}`, `-u${server.user}`, '-e', statement],
      { env: { ...process.env, MYSQL_PWD: password } },
    );
    return stdout.trim();
  }

  it('takes settings, speaks utf8mb4 and lets in whoever has the password', async () => {
    expect(await query('SELECT @@lower_case_table_names, @@character_set_server')).toBe('1\tutf8mb4');
    await expect(query('SELECT 1', 'wrong')).rejects.toThrow('Access denied');
    expect(await query(`SELECT COUNT(*) FROM mysql.user WHERE host = 'localhost' AND user = 'root'`)).toBe(
      '0',
    );
  });

  it('keeps what was committed when it is stopped, and when it is killed', async () => {
    await query('CREATE DATABASE kept; CREATE TABLE kept.t (a INT PRIMARY KEY) ENGINE=InnoDB');
    await query('INSERT INTO kept.t VALUES (1)');
    await server.stop();
    await expect(query('SELECT 1')).rejects.toThrow(/Can't connect/);
    await server.start();
    await query('INSERT INTO kept.t VALUES (2)');
    await server.kill();
    await server.start();
    expect(await query('SELECT SUM(a) FROM kept.t')).toBe('3');
  });

  it('says what the server said when it does not start', async () => {
    await expect(throwawayMariadb({ settings: { no_such_setting: '1' } })).rejects.toThrow('no_such_setting');
  });

  it('leaves nothing behind', async () => {
    await server.remove();
    await expect(access(server.dataDir)).rejects.toThrow('ENOENT');
    await expect(query('SELECT 1')).rejects.toThrow(/Can't connect/);
  });
});
