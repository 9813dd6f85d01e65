import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { chooseServerMajor, stopServer } from '@lcb/embedded-postgres';
import {
  requireOrSkip,
  serverFolder,
  type ThrowawayServer,
  throwawayServer,
} from '@lcb/embedded-postgres/testing';
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { compareEnvironments } from '../compare/index.ts';
import { createDatabase, fillLibraryFolder, fillPostgresql, tiny } from '../fixtures/index.ts';
import { filesBelow } from '../support/repository.ts';
import { startLcb } from './run-lcb.ts';

const withPostgres = await requireOrSkip('PostgreSQL with client tools', chooseServerMajor);

/** One story, told in order. */
withPostgres('lcb restore over what is there', () => {
  let folder: string;
  let server: ThrowawayServer;
  let sourceUrl: string;
  let backupId: string;

  const lcb = (...args: string[]) =>
    startLcb(folder, { LPORTAL_PASSWORD: decodeURIComponent(new URL(server.url).password) }, args).ended;
  async function answer(...args: string[]) {
    const { exitCode, stdout } = await lcb(...args, '-o', 'json');
    return { exitCode, document: JSON.parse(stdout) };
  }
  const library = (name: string) => join(folder, name);
  const uatUrl = () => {
    const url = new URL(sourceUrl);
    url.pathname = '/uat';
    return url.href;
  };

  beforeAll(async () => {
    const { binaries } = await chooseServerMajor();
    folder = await serverFolder();
    server = await throwawayServer({ binaries });
    sourceUrl = await createDatabase(server.url, 'lportal');
    await fillPostgresql(tiny(), sourceUrl);
    await fillLibraryFolder(tiny(), library('library'));
    const url = (database: string) => {
      const declared = new URL(sourceUrl);
      declared.password = '';
      declared.pathname = `/${database}`;
      return declared.href;
    };
    writeFileSync(
      join(folder, 'lcb.yaml'),
      `projects:
  retail:
    environments:
      prd:
        database: { engine: postgresql, url: "${url('lportal')}", secret: "env:LPORTAL_PASSWORD" }
        library: library
        backups: ./backups
      uat:
        database: { engine: postgresql, url: "${url('uat')}", secret: "env:LPORTAL_PASSWORD" }
        library: library-uat
        liferay: { build: 99999 }
        backups: ./backups
`,
    );
  });

  afterAll(async () => {
    await stopServer(join(folder, '.lcb/catalog'), 'immediate');
    await server.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  it('says what a backup would read and copy before the first and after it', async () => {
    const first = await answer('backup', 'create', '-e', 'prd', '--dry-run');
    expect(first).toMatchObject({ exitCode: 0, document: { dryRun: true, blockedBy: [] } });
    const objects = (await filesBelow(library('library'))).length;
    expect(first.document.copies.objects).toBe(objects);
    expect(first.document.base).toBeUndefined();
    expect(await filesBelow(join(folder, 'backups'))).toEqual([]);

    const made = await answer('backup', 'create', '-e', 'prd', '--wait');
    backupId = made.document.id;
    const second = await answer('backup', 'create', '-e', 'prd', '--dry-run');
    expect(second.document).toMatchObject({ base: backupId, copies: { objects: 0, bytes: 0 } });
    expect(second.document.expectedSeconds).toBeGreaterThan(0);
  });

  it('says what stands against a restore, and what it would do', async () => {
    const plain = ['restore', 'create', backupId, '--target-environment', 'uat'];
    const free = await answer(...plain, '--dry-run');
    expect(free).toMatchObject({ exitCode: 0, document: { overwrites: [], blockedBy: [] } });
    expect((await lcb(...plain, '--wait')).exitCode).toBe(0);

    const occupied = await answer(...plain, '--dry-run');
    expect(occupied.exitCode).toBe(4);
    expect(occupied.document.blockedBy).toEqual([expect.stringContaining('uat')]);

    const unconfirmed = await lcb(...plain, '--in-place');
    expect(unconfirmed.exitCode).toBe(2);
    expect(unconfirmed.lines.join('\n')).toContain('--confirm uat');

    writeFileSync(join(library('library-uat'), 'extra'), 'x');
    const inPlace = await lcb(...plain, '--in-place', '--confirm', 'uat', '--dry-run');
    expect(inPlace.exitCode).toBe(0);
    expect(inPlace.stdout).toMatch(/Overwrites +database uat at/);
    expect(inPlace.stdout).toContain('1 object with 1 B are removed');
    expect(inPlace.stdout).toContain('First uat is backed up');
    expect(await filesBelow(library('library-uat'))).toContain('extra');
  });

  it('replaces an environment after its safety backup, and shows it', async () => {
    const run = await answer(
      ...['restore', 'create', backupId, '--target-environment', 'uat'],
      ...['--in-place', '--confirm', 'uat', '--wait'],
    );
    expect(run).toMatchObject({ exitCode: 0, document: { state: 'Succeeded', mode: 'inPlace' } });
    const { safetyBackupId } = run.document.result;
    expect((await answer('backup', 'show', safetyBackupId)).document).toMatchObject({
      state: 'Succeeded',
      type: 'Auto',
      environment: 'uat',
    });
    const shown = await lcb('restore', 'show', run.document.id);
    expect(shown.stdout).toContain(`${safetyBackupId} (the safety backup)`);
    const report = await compareEnvironments({
      a: { databaseUrl: sourceUrl, libraryFolder: library('library') },
      b: { databaseUrl: uatUrl(), libraryFolder: library('library-uat') },
    });
    expect(report.differences).toEqual([]);
  });

  it('runs scripts at the end, all or none, and shows them before', async () => {
    const scripts = join(folder, 'scripts');
    mkdirSync(scripts);
    writeFileSync(
      join(scripts, '10-mail.sql'),
      `UPDATE lportal.user_ SET emailaddress = userid || $\{domain};\n`,
    );
    writeFileSync(join(scripts, '20-hosts.sql'), '-- none\n\nDELETE FROM lportal.virtualhost;');
    const create = ['restore', 'create', backupId, '--target-environment', 'scripted', '--units', 'database'];
    const given = ['--script', 'scripts', '--parameter', "domain=@it's.example"];

    const planned = await answer(...create, ...given, '--dry-run');
    expect(planned.document.scripts).toEqual([
      {
        name: '10-mail.sql',
        statements: [
          {
            line: 1,
            kind: 'UPDATE',
            sql: "UPDATE lportal.user_ SET emailaddress = userid || '@it''s.example'",
          },
        ],
      },
      {
        name: '20-hosts.sql',
        statements: [{ line: 3, kind: 'DELETE', sql: 'DELETE FROM lportal.virtualhost' }],
      },
    ]);
    expect((await lcb(...create, ...given, '--dry-run')).stdout).toMatch(
      /Script 20-hosts.sql: 1 statement\n +3 +DELETE +DELETE FROM lportal.virtualhost/,
    );

    writeFileSync(join(folder, 'broken.sql'), 'DELETE FROM lportal.user_;\nDELETE FROM nowhere;');
    const broken = await answer(...create, '--script', 'broken.sql', '--wait');
    expect(broken.exitCode).not.toBe(0);
    expect(broken.document).toMatchObject({ state: 'Failed', error: { code: 'sql.failed' } });
    expect(broken.document.error.message).toContain('broken.sql, line 2: DELETE FROM NOWHERE failed');

    writeFileSync(join(folder, 'hostile.sql'), 'SELECT 1;\n\\! touch hostile\n');
    const hostile = await lcb(...create, '--script', 'hostile.sql');
    expect(hostile.lines.join('\n')).toContain('hostile.sql, line 2: \\! is refused');

    const run = await answer(...create, ...given, '--wait');
    expect(run).toMatchObject({ exitCode: 0, document: { state: 'Succeeded' } });
    const url = new URL(sourceUrl);
    url.pathname = '/lportal_scripted';
    const client = new pg.Client({ connectionString: url.href });
    await client.connect();
    const { rows } = await client.query(
      "SELECT count(*) FILTER (WHERE emailaddress = userid || '@it''s.example') = count(*) AS mails, (SELECT count(*) FROM lportal.virtualhost)::int AS hosts FROM lportal.user_",
    );
    await client.end();
    expect(rows).toEqual([{ mails: true, hosts: 0 }]);
  });

  it('refuses a backup of a newer Liferay than the target runs', async () => {
    const yaml = join(folder, 'lcb.yaml');
    const old = readFileSync(yaml, 'utf8').replace('99999', '7000');
    writeFileSync(yaml, old);
    const refused = await answer(
      ...['restore', 'create', backupId, '--target-environment', 'uat'],
      ...['--swap', '--confirm', 'uat', '--dry-run'],
    );
    expect(refused.exitCode).toBe(4);
    expect(refused.document.blockedBy.join()).toContain('build 7000');
  });
});
