import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { databaseDumpSchema } from '@lcb/core';
import { findMariadb } from '@lcb/database-dump/testing';
import { stopServer } from '@lcb/embedded-postgres';
import { requireOrSkip } from '@lcb/embedded-postgres/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { compareEnvironments } from '../compare/index.ts';
import { tiny } from '../fixtures/index.ts';
import { type LocalFixture, localFixture } from '../support/local-fixture.ts';
import { queryRows } from '../support/query-rows.ts';
import { startLcb } from './run-lcb.ts';

const withMariadb = await requireOrSkip('MariaDB', findMariadb);

/** Larger than what one stream is enough for. */
const largeTable = [
  `CREATE TABLE large (id bigint PRIMARY KEY, groupId int, body longtext, bytes longblob, KEY (groupId))`,
  `INSERT INTO large SELECT seq * 3, seq % 50, CONCAT('it''s \\\\ ', REPEAT(MD5(seq), 30)), UNHEX(MD5(seq)) FROM seq_1_to_15000`,
  `CREATE TRIGGER large_seen BEFORE INSERT ON large FOR EACH ROW SET NEW.groupId = -1`,
  `ANALYZE TABLE large`,
];

/** One story, told in order: everything that reads a dump, with a dump of many parts. */
withMariadb('a backup of a database of MariaDB that several readers dump', () => {
  let fixture: LocalFixture;
  let backupId: string;
  const at = (...names: string[]) => join(fixture.folder, ...names);

  async function answer(...args: string[]) {
    const env = { LPORTAL_PASSWORD: decodeURIComponent(new URL(fixture.source.databaseUrl).password) };
    const { exitCode, stdout } = await startLcb(fixture.folder, env, [...args, '-o', 'json']).ended;
    return { exitCode, document: JSON.parse(stdout) };
  }
  async function differencesTo(database: string, library: string) {
    const b = { databaseUrl: urlOf(database), libraryFolder: at(library) };
    return (await compareEnvironments({ a: fixture.source, b })).differences;
  }
  const urlOf = (database: string) => {
    const url = new URL(fixture.source.databaseUrl);
    url.pathname = `/${database}`;
    return url.href;
  };

  beforeAll(async () => {
    fixture = await localFixture(tiny(), { database: 'mariadb' });
    for (const sql of largeTable) await queryRows(fixture.source.databaseUrl, sql);
    const url = new URL(fixture.source.databaseUrl);
    url.password = '';
    writeFileSync(
      at('lcb.yaml'),
      `projects:
  retail:
    environments:
      prd:
        database: { engine: mysql, url: "${url.href}", secret: "env:LPORTAL_PASSWORD", workers: 3, lockSeconds: 10 }
        library: library-prd
        backups: ./backups
`,
    );
    const made = await answer('backup', 'create', '--wait');
    expect(made).toMatchObject({ exitCode: 0, document: { state: 'Succeeded' } });
    backupId = made.document.id;
  }, 240_000);

  afterAll(async () => {
    await stopServer(at('.lcb/catalog'), 'immediate');
    await fixture?.remove();
  });

  it('has many parts, and verifies by its bytes and by a restore', { timeout: 120_000 }, async () => {
    const path = at('backups/retail/prd/backups', backupId, 'attempts/1/database/dump.json');
    const { parts, moment } = databaseDumpSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
    expect(moment).toBe('shared');
    const sections = parts.filter(({ events }) => events !== true).map(({ section }) => section);
    expect(sections).toEqual(['preData', 'data', 'data', 'postData']);
    expect((await answer('backup', 'verify', backupId)).document).toMatchObject({ ok: true });
    const restored = await answer('backup', 'verify', backupId, '--level', 'restore', '--wait');
    expect(restored).toMatchObject({ exitCode: 0, document: { state: 'Succeeded' } });
  });

  it('is restored to what it was', { timeout: 120_000 }, async () => {
    const restore = ['restore', 'create', backupId, '--target-environment', 'uat', '--wait'];
    expect(await answer(...restore)).toMatchObject({ exitCode: 0, document: { state: 'Succeeded' } });
    expect(await differencesTo('lportal_uat', 'library-prd-uat')).toEqual([]);
  });

  it('is downloaded as one file that the client loads, and that comes back as an upload', {
    timeout: 240_000,
  }, async () => {
    const downloaded = await answer('backup', 'download', backupId, '--to', 'down');
    expect(downloaded.document).toMatchObject({ ok: true });
    await queryRows(fixture.source.databaseUrl, 'CREATE DATABASE by_hand COLLATE utf8mb4_unicode_ci');
    const { hostname, port, username, password } = new URL(fixture.source.databaseUrl);
    execFileSync(
      'mariadb',
      [
        ...['--no-defaults', '--comments', '--protocol=tcp', `-h${hostname}`, `-P${port}`, `-u${username}`],
        'by_hand',
      ],
      {
        // One trigger of the fixture's names its database.
        input: readFileSync(at('down/database.sql'), 'utf8').replaceAll('`lportal`.', ''),
        env: { ...process.env, MYSQL_PWD: decodeURIComponent(password) },
      },
    );
    expect(await differencesTo('by_hand', 'down/library')).toEqual([]);

    const upload = ['backup', 'upload', '--dump', 'down/database.sql', '--library', 'down/library', '--wait'];
    const uploaded = await answer(...upload);
    expect(uploaded).toMatchObject({ exitCode: 0, document: { state: 'Succeeded' } });
    const restore = ['restore', 'create', uploaded.document.id, '--target-environment', 'back', '--wait'];
    expect(await answer(...restore)).toMatchObject({ exitCode: 0, document: { state: 'Succeeded' } });
    expect(await differencesTo('lportal_back', 'library-prd-back')).toEqual([]);
  });
});
