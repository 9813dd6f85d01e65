import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { chooseServerMajor, stopServer, toolsFor } from '@lcb/embedded-postgres';
import {
  requireOrSkip,
  serverFolder,
  type ThrowawayServer,
  throwawayServer,
} from '@lcb/embedded-postgres/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { compareEnvironments } from '../compare/index.ts';
import { createDatabase, fillLibraryFolder, fillPostgresql, tiny } from '../fixtures/index.ts';
import { filesBelow } from '../support/repository.ts';
import { startLcb } from './run-lcb.ts';

const withPostgres = await requireOrSkip('PostgreSQL with client tools', chooseServerMajor);

/** One story, told in order. */
withPostgres('lcb backup download', () => {
  let folder: string;
  let server: ThrowawayServer;
  let sourceUrl: string;
  let backupId: string;
  const at = (...names: string[]) => join(folder, ...names);

  async function answer(...args: string[]) {
    const env = { LPORTAL_PASSWORD: decodeURIComponent(new URL(server.url).password) };
    const { exitCode, stdout } = await startLcb(folder, env, [...args, '-o', 'json']).ended;
    return { exitCode, document: JSON.parse(stdout) };
  }
  const checkSums = (of: string) =>
    execFileSync('sha256sum', ['--quiet', '-c', 'SHA256SUMS'], { cwd: at(of) });

  beforeAll(async () => {
    const { binaries } = await chooseServerMajor();
    folder = await serverFolder();
    server = await throwawayServer({ binaries });
    sourceUrl = await createDatabase(server.url, 'lportal');
    await fillPostgresql(tiny(), sourceUrl);
    await fillLibraryFolder(tiny(), at('library'));
    mkdirSync(at('library/odd names'), { recursive: true });
    writeFileSync(at('library/odd names/back\\slash'), 'one');
    writeFileSync(at(`library/odd names/${'long '.repeat(40)}ünï`), 'two');
    writeFileSync(at('library/odd names/empty'), '');
    const url = new URL(sourceUrl);
    url.password = '';
    writeFileSync(
      at('lcb.yaml'),
      `projects:
  retail:
    environments:
      prd:
        database: { engine: postgresql, url: "${url.href}", secret: "env:LPORTAL_PASSWORD" }
        library: library
        backups: ./backups
`,
    );
    backupId = (await answer('backup', 'create', '--wait')).document.id;
  }, 180_000);

  afterAll(async () => {
    await stopServer(at('.lcb/catalog'), 'immediate');
    await server.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  it('says what it would do, and does nothing', async () => {
    const { exitCode, document } = await answer('backup', 'download', backupId, '--to', 'down', '--dry-run');
    expect(document).toMatchObject({ dryRun: true, writes: [at('down')], blockedBy: [] });
    expect(exitCode).toBe(0);
    expect(existsSync(at('down'))).toBe(false);
  });

  it('gives plain files of which psql makes the database that was backed up', async () => {
    const { exitCode, document } = await answer('backup', 'download', backupId, '--to', 'down');
    expect(document).toMatchObject({ ok: true, problems: [], keptFiles: 0, escapedObjects: 0 });
    expect(exitCode).toBe(0);
    checkSums('down');
    const databaseUrl = await createDatabase(server.url, 'from_download');
    const { binaries } = await chooseServerMajor();
    const { psql } = await toolsFor(binaries.major);
    execFileSync(psql, [
      '-X',
      '-q',
      '-v',
      'ON_ERROR_STOP=1',
      '-d',
      databaseUrl,
      '-f',
      at('down/database.sql'),
    ]);
    const { differences } = await compareEnvironments({
      a: { databaseUrl: sourceUrl, libraryFolder: at('library') },
      b: { databaseUrl, libraryFolder: at('down/library') },
    });
    expect(differences).toEqual([]);
  });

  it('goes the way back: what was downloaded is uploaded, and restored to what it was', {
    timeout: 240_000,
  }, async () => {
    const upload = ['backup', 'upload', '--dump', 'down/database.sql', '--library', 'down/library'];
    const planned = await answer(...upload, '--dry-run');
    expect(planned).toMatchObject({
      exitCode: 0,
      document: {
        dryRun: true,
        reads: [`${at('down/database.sql')} (plain)`, `file://${at('down/library')}`],
      },
    });
    const uploaded = await answer(...upload, '--wait');
    expect(uploaded).toMatchObject({ exitCode: 0, document: { state: 'Succeeded', type: 'Uploaded' } });
    const restore = ['restore', 'create', uploaded.document.id, '--target-environment', 'back', '--wait'];
    expect(await answer(...restore)).toMatchObject({ exitCode: 0, document: { state: 'Succeeded' } });
    const backUrl = new URL(sourceUrl);
    backUrl.pathname = '/lportal_back';
    const { differences } = await compareEnvironments({
      a: { databaseUrl: sourceUrl, libraryFolder: at('library') },
      b: { databaseUrl: backUrl.href, libraryFolder: at('library-back') },
    });
    expect(differences).toEqual([]);
    for (const [flag, value] of [
      ['--dump', 'no such file'],
      ['--dump', 'down/library'],
      ['--library', 'no such folder'],
    ] as const) {
      expect(await answer('backup', 'upload', flag, value)).toMatchObject({ exitCode: 2 });
    }
  });

  it('run again, it fetches only what is not whole', async () => {
    const [first = '', second = '', third = ''] = (await filesBelow(at('down/library'))).filter(
      (file) => !file.startsWith('odd'),
    );
    rmSync(at('down/library', first));
    appendFileSync(at('down/library', second), 'x');
    // Of the same size and other bytes: told by its time.
    const { size } = statSync(at('down/library', third));
    writeFileSync(at('down/library', third), Buffer.alloc(size, 'x'));
    const files = (await filesBelow(at('down'))).length;
    const { document } = await answer('backup', 'download', backupId, '--to', 'down');
    // All but SHA256SUMS and the folder's mark are files of the backup.
    expect(document).toMatchObject({ ok: true, files: files + 1 - 2, keptFiles: files + 1 - 2 - 3 });
    checkSums('down');
  });

  it('goes on after its journal was cut off: what is there is compared by its bytes', async () => {
    const sums = readFileSync(at('down/SHA256SUMS'), 'utf8');
    rmSync(at('down/SHA256SUMS'));
    writeFileSync(at('down/SHA256SUMS.next'), sums.slice(0, Math.floor(sums.length / 2)));
    const { document } = await answer('backup', 'download', backupId, '--to', 'down');
    expect(document.keptFiles).toBe(document.files);
    expect(readFileSync(at('down/SHA256SUMS'), 'utf8')).toBe(sums);
  });

  it('goes on after a kill -9', async () => {
    const env = { LPORTAL_PASSWORD: decodeURIComponent(new URL(server.url).password) };
    const run = startLcb(folder, env, [
      'backup',
      'download',
      backupId,
      '--to',
      'killed',
      '--concurrency',
      '1',
    ]);
    while (!existsSync(at('killed/library')) && run.child.exitCode === null)
      await new Promise((next) => setImmediate(next));
    run.child.kill('SIGKILL');
    await run.ended;
    const { exitCode, document } = await answer('backup', 'download', backupId, '--to', 'killed');
    expect({ exitCode, ok: document.ok }).toEqual({ exitCode: 0, ok: true });
    checkSums('killed');
    expect(await filesBelow(at('killed/library'))).toEqual(await filesBelow(at('library')));
  });

  it('refuses a folder that holds something else, and another form of the same download', async () => {
    for (const [to, ...more] of [['library'], ['down', '--archive'], ['down', '--units', 'database']]) {
      const { exitCode, document } = await answer('backup', 'download', backupId, '--to', to ?? '', ...more);
      expect({ exitCode, code: document.error.code }).toEqual({
        exitCode: 2,
        code: 'download.folderOccupied',
      });
    }
  });

  it('gives the library as a tar archive, and the dump as it is stored', async () => {
    const { document } = await answer(
      ...['backup', 'download', backupId, '--to', 'packed', '--archive', '--compressed'],
    );
    expect(document).toMatchObject({ ok: true, files: 3 });
    checkSums('packed');
    mkdirSync(at('unpacked'));
    execFileSync('tar', ['-xf', at('packed/library.tar'), '-C', at('unpacked')]);
    const { differences } = await compareEnvironments({
      a: { databaseUrl: sourceUrl, libraryFolder: at('library') },
      b: { databaseUrl: sourceUrl, libraryFolder: at('unpacked') },
    });
    expect(differences).toEqual([]);
    const again = await answer(
      ...['backup', 'download', backupId, '--to', 'packed', '--archive', '--compressed'],
    );
    expect(again.document).toMatchObject({ files: 3, keptFiles: 3 });
  });

  it('needs neither catalog nor lcb.yaml, but keys, when it is told where to look', async () => {
    writeFileSync(at('keys.json'), JSON.stringify((await answer('keys', 'list')).document));
    mkdirSync(at('elsewhere'));
    const { exitCode, stdout } = await startLcb(at('elsewhere'), {}, [
      ...['backup', 'download', backupId, '--to', 'down', '--units', 'database', '-o', 'json'],
      ...['--location', at('backups'), '--key', at('keys.json')],
    ]).ended;
    expect(JSON.parse(stdout)).toMatchObject({ ok: true, files: 2 });
    expect(exitCode).toBe(0);
    expect(readdirSync(at('elsewhere'))).toEqual(['down']);
  });

  it('copies the backup, shows and verifies the copy, and restores and downloads from it', {
    timeout: 120_000,
  }, async () => {
    const planned = await answer('backup', 'copy', backupId, '--to', 'copies', '--dry-run');
    expect(planned.document).toMatchObject({
      dryRun: true,
      writes: [`file://${at('copies')}`],
      blockedBy: [],
    });
    expect(existsSync(at('copies'))).toBe(false);
    const copied = await answer('backup', 'copy', backupId, '--to', 'copies', '--wait');
    expect(copied).toMatchObject({ exitCode: 0, document: { state: 'Succeeded', backupId } });
    const blocked = await answer('backup', 'copy', backupId, '--to', 'copies', '--dry-run');
    expect(blocked).toMatchObject({ exitCode: 4, document: { blockedBy: [expect.any(String)] } });
    const { document: shown } = await answer('backup', 'show', backupId);
    expect(shown.copies).toMatchObject([{ id: copied.document.id, state: 'Succeeded' }]);
    const verified = await answer('backup', 'verify', backupId, '--location', 'copies');
    expect(verified).toMatchObject({
      exitCode: 0,
      document: { ok: true, location: `file://${at('copies')}` },
    });
    const restored = await answer(
      ...['restore', 'create', backupId, '--from', 'copies', '--target-environment', 'twin', '--wait'],
    );
    expect(restored).toMatchObject({ exitCode: 0, document: { state: 'Succeeded' } });
    const twinUrl = new URL(sourceUrl);
    twinUrl.pathname = '/lportal_twin';
    const { differences } = await compareEnvironments({
      a: { databaseUrl: sourceUrl, libraryFolder: at('library') },
      b: { databaseUrl: twinUrl.href, libraryFolder: at('library-twin') },
    });
    expect(differences).toEqual([]);
    const download = ['backup', 'download', backupId, '--to', 'from-copy', '--location', 'copies'];
    expect((await answer(...download)).document).toMatchObject({
      ok: true,
      location: `file://${at('copies')}`,
    });
    expect((await answer('backup', 'cancel', copied.document.id)).exitCode).toBe(4);
  });

  it('names what is damaged in the backup and fetches the rest', async () => {
    const objects = at('backups/retail/prd/backups', backupId, 'objects');
    const [damaged = ''] = await filesBelow(objects);
    appendFileSync(join(objects, damaged), 'x');
    const { exitCode, document } = await answer('backup', 'download', backupId, '--to', 'broken');
    expect(document).toMatchObject({ ok: false, problemCount: 1 });
    expect(document.problems[0]).toContain(damaged);
    expect(exitCode).toBe(1);
    expect(existsSync(at('broken/SHA256SUMS'))).toBe(false);
    const all = await filesBelow(at('library'));
    expect(await filesBelow(at('broken/library'))).toEqual(all.filter((file) => file !== damaged));
    const packed = await answer('backup', 'download', backupId, '--to', 'broken-tar', '--archive');
    expect(packed).toMatchObject({ exitCode: 1, document: { ok: false, problemCount: 1 } });
    expect(existsSync(at('broken-tar/library.tar'))).toBe(false);
  });
});
