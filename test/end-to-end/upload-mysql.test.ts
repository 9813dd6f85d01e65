import { execFileSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { zstdCompressSync } from 'node:zlib';
import { type BackupRequest, backupRequestSchema, type DumpFormat } from '@lcb/core';
import { findMariadb } from '@lcb/database-dump/testing';
import { requireOrSkip } from '@lcb/embedded-postgres/testing';
import type { LocalService, LocalSettings } from '@lcb/functions-local';
import mysql, { type RowDataPacket } from 'mysql2/promise';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { compareEnvironments } from '../compare/index.ts';
import { tiny } from '../fixtures/index.ts';
import { backupRequest, type LocalFixture, localFixture, restoreRequest } from '../support/local-fixture.ts';
import { verify } from '../support/repository.ts';
import { runToEnd } from '../support/run-to-end.ts';

const withMariadb = await requireOrSkip('MariaDB', findMariadb);

withMariadb('an upload of a dump of MariaDB', () => {
  let fixture: LocalFixture;
  let settings: LocalSettings;
  let service: LocalService;
  const at = (...names: string[]) => join(fixture.folder, ...names);

  beforeAll(async () => {
    fixture = await localFixture(tiny(), { database: 'mariadb' });
    settings = await fixture.settings();
    service = await fixture.open(settings);
    const { hostname, port, username, password, pathname } = new URL(fixture.source.databaseUrl);
    const login = ['--no-defaults', '--protocol=tcp', `-h${hostname}`, `-P${port}`, `-u${username}`];
    execFileSync(
      'mariadb-dump',
      [
        ...login,
        '--routines',
        '--triggers',
        '--events',
        `--result-file=${at('dump.sql')}`,
        pathname.slice(1),
      ],
      { env: { ...process.env, MYSQL_PWD: decodeURIComponent(password) } },
    );
    execFileSync('gzip', ['--keep', at('dump.sql')]);
    await writeFile(at('dump.sql.zst'), zstdCompressSync(await readFile(at('dump.sql'))));
    execFileSync('tar', ['-C', fixture.source.libraryFolder, '--format=pax', '-czf', at('library.tgz'), '.']);
  }, 180_000);
  afterAll(async () => {
    await service?.close();
    await fixture?.remove();
  });

  function request(file: string, format: DumpFormat, archive?: string): BackupRequest {
    return backupRequestSchema.parse({
      ...backupRequest(fixture.source, { mode: 'full' }),
      type: 'Uploaded',
      units: ['database', ...(archive === undefined ? [] : ['documentLibrary'])],
      upload: {
        dump: { path: at(file), format },
        ...(archive === undefined ? {} : { library: { archive: at(archive) } }),
      },
    });
  }

  /** Databases of uploads, and guests that somebody could log in as. */
  async function staged(): Promise<readonly unknown[]> {
    const client = await mysql.createConnection(fixture.source.databaseUrl);
    try {
      const [rows] = await client.query<RowDataPacket[]>(
        `SELECT schema_name AS name FROM information_schema.schemata WHERE schema_name LIKE 'lcb\\_upload%'
         UNION ALL SELECT user FROM mysql.global_priv
           WHERE user LIKE 'lcb\\_import%' AND COALESCE(JSON_VALUE(priv, '$.account_locked'), 0) <> 1`,
      );
      return rows;
    } finally {
      await client.end();
    }
  }

  it('becomes a backup that is checked, certified and restored like any other', {
    timeout: 180_000,
  }, async () => {
    const run = await runToEnd(service, request('dump.sql', 'plain', 'library.tgz'));
    expect([run.state, run.error]).toEqual(['Succeeded', undefined]);
    expect(await staged()).toEqual([]);
    expect((await verify(service, fixture.source, run.runId)).problems).toEqual([]);
    const target = fixture.newEnvironment('uploaded');
    const restore = await runToEnd(service, restoreRequest(fixture.source, run.runId, target));
    expect([restore.state, restore.error]).toEqual(['Succeeded', undefined]);
    expect((await compareEnvironments({ a: fixture.source, b: target })).differences).toEqual([]);
    expect(await staged()).toEqual([]);
  });

  it.each([
    ['dump.sql.gz', 'gzip'],
    ['dump.sql.zst', 'zstd'],
  ] as const)('is taken compressed as %s', { timeout: 120_000 }, async (file, format) => {
    const run = await runToEnd(service, request(file, format));
    expect([run.state, run.error]).toEqual(['Succeeded', undefined]);
    const target = fixture.newEnvironment(`from-${format}`);
    const restore = { ...restoreRequest(fixture.source, run.runId, target), units: ['database' as const] };
    expect((await runToEnd(service, restore)).state).toBe('Succeeded');
    const { libraryFolder } = fixture.source;
    const report = await compareEnvironments({ a: fixture.source, b: { ...target, libraryFolder } });
    expect(report.differences).toEqual([]);
  });

  it.each([
    ['\\! touch /tmp/lcb-was-here', 'a command of the client'],
    ["SELECT 1 INTO OUTFILE '/tmp/lcb-was-here';", 'SELECT is refused'],
    ["CREATE USER mighty IDENTIFIED BY 'x';", 'CREATE USER MIGHTY is refused'],
  ])(
    'with %s fails, names file and line, and leaves nothing',
    { timeout: 60_000 },
    async (statement, why) => {
      await writeFile(at('evil.sql'), `CREATE TABLE t (x INT);\n${statement}\n`);
      const run = await runToEnd(service, request('evil.sql', 'plain'));
      expect(run).toMatchObject({ state: 'Failed', error: { code: 'sql.refused' } });
      expect(run.error?.message).toContain('evil.sql, line 2');
      expect(run.error?.message).toContain(why);
      expect(await staged()).toEqual([]);
    },
  );

  it('with a format that MySQL has not is not taken', { timeout: 60_000 }, async () => {
    expect(await runToEnd(service, request('dump.sql', 'custom'))).toMatchObject({
      state: 'Failed',
      error: { code: 'capability.unsupported' },
    });
    expect(await staged()).toEqual([]);
  });
});
