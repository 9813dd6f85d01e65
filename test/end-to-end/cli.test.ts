import { appendFileSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { chooseServerMajor, stopServer } from '@lcb/embedded-postgres';
import {
  requireOrSkip,
  serverFolder,
  type ThrowawayServer,
  throwawayServer,
} from '@lcb/embedded-postgres/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { compareEnvironments } from '../compare/index.ts';
import { createDatabase, fillLibraryFolder, fillPostgresql, tiny } from '../fixtures/index.ts';
import { queryRows } from '../support/query-rows.ts';
import { startLcb } from './run-lcb.ts';

const withPostgres = await requireOrSkip('PostgreSQL with client tools', chooseServerMajor);

/** One story, told in order: every test goes on where the one before it ended. */
withPostgres('lcb, with a hand-written lcb.yaml', () => {
  let folder: string;
  let server: ThrowawayServer;
  let sourceUrl: string;
  let backupId: string;

  const start = (...args: string[]) =>
    startLcb(folder, { LPORTAL_PASSWORD: decodeURIComponent(new URL(server.url).password) }, args);
  const lcb = (...args: string[]) => start(...args).ended;

  /** Runs with `-o json`: exit code and document, standard error being JSON lines only. */
  async function answer(...args: string[]) {
    const { exitCode, stdout, lines } = await lcb(...args, '-o', 'json');
    for (const line of lines.filter((each) => !each.startsWith('error: '))) JSON.parse(line);
    return { exitCode, document: JSON.parse(stdout) };
  }

  beforeAll(async () => {
    const { binaries } = await chooseServerMajor();
    folder = await serverFolder();
    server = await throwawayServer({ binaries });
    sourceUrl = await createDatabase(server.url, 'lportal');
    await fillPostgresql(tiny(), sourceUrl);
    await fillLibraryFolder(tiny(), join(folder, 'library'));
    const url = new URL(sourceUrl);
    url.password = '';
    writeFileSync(
      join(folder, 'lcb.yaml'),
      `projects:
  retail:
    environments:
      prd:
        database: { engine: postgresql, url: "${url.href}", secret: "env:LPORTAL_PASSWORD" }
        library: library
        backups: ./backups
`,
    );
  });

  afterAll(async () => {
    await stopServer(join(folder, '.lcb/catalog'), 'immediate');
    await server.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  it('checks the environment', async () => {
    const { exitCode, document } = await answer('env', 'check');
    expect(document).toMatchObject({
      ok: true,
      environments: [{ checks: [{ ok: true }, { ok: true }, { ok: true }] }],
    });
    expect(exitCode).toBe(0);
  });

  it('finds a wrong configuration before anything is done', { timeout: 120_000 }, async () => {
    const good = readFileSync(join(folder, 'lcb.yaml'), 'utf8');
    for (const [right, wrong, code] of [
      ['env:LPORTAL_PASSWORD', 'env:NOT_SET', 'secret.notFound'],
      ['/lportal"', '/no_such_database"', 'database.notFound'],
      ['library: library', 'library: no-such-folder', 'objectStore.locationMissing'],
    ] as const) {
      writeFileSync(join(folder, 'lcb.yaml'), good.replace(right, wrong));
      const { exitCode, document } = await answer('backup', 'create', '--wait');
      expect({ exitCode, code: document.error.code }).toEqual({ exitCode: 2, code });
    }
    writeFileSync(join(folder, 'lcb.yaml'), good);
    expect((await answer('backup', 'list')).document.backups).toEqual([]);
  });

  it('backs up', async () => {
    const { exitCode, document } = await answer('backup', 'create', '--wait', '--notes', 'first');
    expect(document).toMatchObject({ state: 'Succeeded', notes: 'first', base: null, error: null });
    expect(document.checks.length).toBeGreaterThan(0);
    expect(exitCode).toBe(0);
    backupId = document.id;
  });

  it('lists, shows and verifies the backup', async () => {
    const { document: list } = await answer('backup', 'list', '--state', 'succeeded', '--environment', 'prd');
    expect(list.backups).toMatchObject([{ id: backupId }]);
    const { document: shown } = await answer('backup', 'show', backupId);
    expect(shown).toMatchObject({
      id: backupId,
      units: { database: { usable: true }, documentLibrary: { usable: true } },
    });
    const { exitCode, document } = await answer('backup', 'verify', backupId);
    expect(document).toMatchObject({
      ok: true,
      problems: [],
      record: expect.stringContaining('retail/prd/records/'),
    });
    expect(exitCode).toBe(0);
  });

  it('verifies as far as it is told to, and keeps the last word of each level', async () => {
    const at = async (...args: string[]) => (await answer('backup', 'verify', backupId, ...args)).document;
    const quick = await at('--level', 'quick');
    expect(quick).toMatchObject({ level: 'quick', ok: true, objectsRead: 0, sample: null });
    const sample = await at('--level', 'sample', '--sample', '2');
    expect(sample).toMatchObject({ level: 'sample', ok: true, objectsRead: 2, sample: { size: 2 } });
    const { seed } = sample.sample;
    expect((await at('--level', 'sample', '--sample', '2', '--seed', seed)).sample).toEqual(sample.sample);
    const { document: shown } = await answer('backup', 'show', backupId);
    expect(shown).toMatchObject({
      damagedBy: [],
      verifications: {
        quick: { ok: true, objects: quick.objects, objectsRead: 0 },
        sample: { ok: true, objects: quick.objects, objectsRead: 2, sample: { size: 2, seed } },
        full: { ok: true, objects: quick.objects, objectsRead: quick.objects },
        restore: null,
      },
    });
    expect(shown.verifications.full.seconds).toBeGreaterThan(0);
    expect((await lcb('backup', 'show', backupId)).stdout).toMatch(/VERIFIED +AT.*quick +.* good/s);
    expect((await lcb('backup', 'verify', backupId, '--sample', '2')).exitCode).toBe(2);
  });

  it('verifies by restore, on the server of the environment or on another one', async () => {
    const restore = (...args: string[]) =>
      answer('backup', 'verify', backupId, '--level', 'restore', '--wait', ...args);
    const { exitCode, document } = await restore();
    expect(document).toMatchObject({
      kind: 'verify',
      state: 'Succeeded',
      level: 'restore',
      backupId,
      ok: true,
      restored: { certificate: { verdict: 'consistent' } },
    });
    expect(exitCode).toBe(0);
    const { document: shown } = await answer('backup', 'show', backupId);
    const { restored } = document;
    expect(shown.verifications.restore).toMatchObject({ ok: true, seconds: document.seconds, restored });
    expect(shown.verificationRuns).toEqual([]);
    const left = await queryRows(sourceUrl, `SELECT FROM pg_database WHERE datname LIKE 'lcb_verify%'`);
    expect(left).toEqual([]);

    const refused = await restore('--server', 'postgres://nobody@127.0.0.1:9/', '--secret', 'env:NOBODY');
    expect(refused).toMatchObject({ exitCode: 1, document: { state: 'Failed', ok: null } });
    const after = (await answer('backup', 'show', backupId)).document;
    expect(after.verifications.restore.at).toBe(shown.verifications.restore.at);
    expect(after.verificationRuns).toMatchObject([{ id: refused.document.id, state: 'Failed' }]);
    for (const wrong of [
      ['--sample', '3'],
      ['--key', 'k.json'],
      ['--server', 'redis://x/y'],
      ['--secret', 'env:X'],
    ])
      expect((await lcb('backup', 'verify', backupId, '--level', 'restore', ...wrong)).exitCode).toBe(2);
    expect((await lcb('backup', 'verify', backupId, '--wait')).exitCode).toBe(2);
    expect((await lcb('verify', 'backups', '--level', 'restore')).exitCode).toBe(2);
  });

  it('says whether database and library fit together', async () => {
    const { exitCode, document } = await answer('backup', 'certificate', backupId);
    expect([exitCode, document.verdict, document.rows.exact]).toEqual([0, 'consistent', true]);
    expect((await answer('backup', 'show', backupId)).document.certificate).toEqual(document);
    expect((await lcb('backup', 'show', backupId)).stdout).toContain('database and library fit together');
    expect(await lcb('backup', 'certificate', backupId, '--findings')).toMatchObject({
      exitCode: 0,
      stdout: '',
    });
  });

  it('signs with a new key after a rotation; what the old one signed counts as before, for auditors too', async () => {
    const { document: before } = await answer('keys', 'list');
    expect(before.keys).toMatchObject([{ algorithm: 'EdDSA' }]);
    const { document: rotated } = await answer('keys', 'rotate');
    const { document: after } = await answer('keys', 'list');
    expect(after.keys).toMatchObject([
      { keyId: before.keys[0].keyId, validUntil: expect.any(String) },
      { keyId: rotated.keyId },
    ]);
    writeFileSync(join(folder, 'auditor.json'), JSON.stringify(after));
    const { exitCode, document } = await answer('backup', 'verify', backupId, '--key', 'auditor.json');
    expect(document).toMatchObject({ ok: true, keyId: before.keys[0].keyId });
    expect(exitCode).toBe(0);
    writeFileSync(join(folder, 'stranger.json'), JSON.stringify(rotated));
    const refused = await answer('backup', 'verify', backupId, '--key', 'stranger.json');
    expect(refused).toMatchObject({ exitCode: 1, document: { ok: false } });
  });

  it('restores it into a new environment that equals the first', async () => {
    const { exitCode, document } = await answer(
      'restore',
      'create',
      backupId,
      '--target-environment',
      'copy',
      '--wait',
    );
    expect(document).toMatchObject({ state: 'Succeeded', backupId, target: { environment: 'copy' } });
    expect(exitCode).toBe(0);
    const copyUrl = new URL(sourceUrl);
    copyUrl.pathname = '/lportal_copy';
    const { equal, differences } = await compareEnvironments({
      a: { databaseUrl: sourceUrl, libraryFolder: join(folder, 'library') },
      b: { databaseUrl: copyUrl.href, libraryFolder: join(folder, 'library-copy') },
    });
    expect(differences).toEqual([]);
    expect(equal).toBe(true);
  });

  it('refuses to restore where data is: the run fails, and nothing is changed', async () => {
    const { exitCode, document } = await answer(
      'restore',
      'create',
      backupId,
      '--target-environment',
      'prd',
      '--wait',
    );
    expect(document).toMatchObject({ state: 'Failed', error: { code: 'restore.targetOccupied' } });
    expect(exitCode).toBe(1);
  });

  it('submits for a server, once for each request id, and the server stops cleanly', async () => {
    const submit = ['backup', 'create', '--request-id', 'nightly', '--units', 'library'];
    const first = await lcb(...submit);
    expect(first.lines.join()).toContain('no lcb is at work');
    const serve = start('serve');
    await serve.said('serve.working');
    const second = await lcb(...submit);
    expect(second.stdout).toBe(first.stdout);
    expect(second.lines).toEqual([]);
    await serve.said('backup.finish');
    // The server does the work of those who wait, too.
    const { document } = await answer('backup', 'create', '--wait', '--units', 'library');
    expect(document).toMatchObject({ state: 'Succeeded', base: first.stdout.trim(), storedBytes: 0 });
    serve.child.kill('SIGTERM');
    expect((await serve.ended).exitCode).toBe(0);
  });

  it('cancels at the first Ctrl-C, and leaves nothing', async () => {
    const run = start('backup', 'create', '--wait', '-o', 'json');
    const { id } = JSON.parse(await run.said('"event":"progress"'));
    run.child.kill('SIGINT');
    const { exitCode, stdout } = await run.ended;
    expect(JSON.parse(stdout)).toMatchObject({ id, state: 'Cancelled', cancelRequested: true });
    expect(exitCode).toBe(5);
    expect(readdirSync(join(folder, 'backups/retail/prd/backups'))).not.toContain(id);
  });

  it('leaves at the second Ctrl-C; the next lcb goes on with the run', { timeout: 180_000 }, async () => {
    const run = start('backup', 'create', '--wait');
    const { id } = JSON.parse(await run.said('"event":"progress"'));
    run.child.kill('SIGINT');
    await run.said('Cancelling');
    // Signals that come at once are taken for one that came twice: pressed again until it is heard.
    const again = setInterval(() => run.child.kill('SIGINT'), 120);
    expect((await run.ended).exitCode).toBe(130);
    clearInterval(again);
    await answer('backup', 'create', '--wait', '--units', 'library');
    const { document } = await answer('backup', 'show', id);
    // Whether the first Ctrl-C still reached the catalog is chance; either way the run is over now.
    expect(['Cancelled', 'Succeeded']).toContain(document.state);
  });

  it('knows what there is not, and what is over', async () => {
    expect(await answer('backup', 'show', 'retail-prd-backup-20200101-000000')).toMatchObject({
      exitCode: 3,
      document: { error: { code: 'notFound' } },
    });
    expect((await answer('backup', 'cancel', backupId)).exitCode).toBe(4);
  });

  it('keeps an audit trail that verifies until somebody touches it', async () => {
    const { document: list } = await answer('audit', 'list', '--from', '1', '--limit', '2');
    expect(list.entries).toMatchObject([
      { sequence: 1, action: 'backup.requested', subject: backupId },
      { sequence: 2, action: 'backup.succeeded' },
    ]);
    expect(await answer('audit', 'verify')).toMatchObject({ exitCode: 0, document: { ok: true } });
    const records = join(folder, 'backups/retail/prd/records');
    const [oldest = ''] = readdirSync(records).sort();
    appendFileSync(join(records, oldest), 'x');
    const { exitCode, document } = await answer('audit', 'verify');
    expect(document.chains[0].problems[0]).toContain("can't be believed");
    expect(exitCode).toBe(1);
  });

  it('finds a damaged object, and names it', async () => {
    const objects = join(folder, 'backups/retail/prd/backups', backupId, 'objects');
    const damaged = readdirSync(objects, { recursive: true, withFileTypes: true }).find((entry) =>
      entry.isFile(),
    );
    if (damaged === undefined) throw new Error(`There is no file in ${objects}.`);
    appendFileSync(join(damaged.parentPath, damaged.name), 'x');
    const { exitCode, document } = await answer('backup', 'verify', backupId);
    expect(document).toMatchObject({ ok: false, problemCount: 1 });
    expect(document.problems[0]).toContain(damaged.name);
    expect(exitCode).toBe(1);
  });
});
