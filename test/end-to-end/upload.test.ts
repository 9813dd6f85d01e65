import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { zstdCompressSync } from 'node:zlib';
import { type BackupRequest, backupRequestSchema, openManifest, type Upload } from '@lcb/core';
import { chooseServerMajor, toolsFor } from '@lcb/embedded-postgres';
import type { LocalService, LocalSettings } from '@lcb/functions-local';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compareEnvironments } from '../compare/index.ts';
import { withClient } from '../fixtures/postgresql/connect.ts';
import {
  backupRequest,
  type LocalFixture,
  localFixture,
  project,
  restoreRequest,
} from '../support/local-fixture.ts';
import { filesBelow, folderOf, verify } from '../support/repository.ts';
import { runToEnd } from '../support/run-to-end.ts';

/** One story, told in order. */
describe('an upload', () => {
  let fixture: LocalFixture;
  let settings: LocalSettings;
  let service: LocalService;
  const at = (...names: string[]) => join(fixture.folder, ...names);

  beforeAll(async () => {
    fixture = await localFixture();
    settings = await fixture.settings();
    service = await fixture.open(settings);
    const { binaries } = await chooseServerMajor();
    const { pgDump } = await toolsFor(binaries.major);
    const dump = (...args: string[]) => execFileSync(pgDump, ['-d', fixture.source.databaseUrl, ...args]);
    dump('--file', at('dump.sql'));
    dump('--format=custom', '--file', at('dump.custom'));
    dump('--format=tar', '--file', at('dump.tar'));
    execFileSync('gzip', ['--keep', at('dump.sql')]);
    const sql = await readFile(at('dump.sql'));
    const middle = Math.floor(sql.length / 2);
    const frames = [sql.subarray(0, middle), sql.subarray(middle)].map((half) => zstdCompressSync(half));
    await writeFile(at('dump.sql.zst'), Buffer.concat(frames));
    execFileSync('tar', ['-C', fixture.source.libraryFolder, '--format=pax', '-czf', at('library.tgz'), '.']);
  }, 180_000);
  afterAll(async () => {
    await service.close();
    await fixture.remove();
  });

  function request(upload: Upload): BackupRequest {
    return backupRequestSchema.parse({
      ...backupRequest(fixture.source, { mode: 'full' }),
      type: 'Uploaded',
      units: [
        ...(upload.dump === undefined ? [] : ['database']),
        ...(upload.library === undefined ? [] : ['documentLibrary']),
      ],
      upload,
    });
  }

  /** Neither databases, roles nor files of an upload are there any more; but the owner of what was restored from one. */
  async function expectNothingStaged() {
    const left = await withClient(fixture.source.databaseUrl, async (client) => {
      const { rows } = await client.query(
        `select datname as name from pg_database where datname like 'lcb_upload%'
         union all select rolname from pg_roles r where rolname ~ '^lcb_(import|owner)_[0-9a-f]{16}$'
           and not exists (select from pg_shdepend where refobjid = r.oid and deptype = 'o' and not rolcanlogin)`,
      );
      return rows;
    });
    expect(left).toEqual([]);
    expect(await filesBelow(join(settings.stateDirectory, 'uploads'))).toEqual([]);
  }

  const ownersIn = (databaseUrl: string) =>
    withClient(databaseUrl, async (client) => {
      const { rows } = await client.query<{ name: string }>(
        `select distinct pg_get_userbyid(relowner)::text as name from pg_class
         where relkind = 'r' and relnamespace not in ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)`,
      );
      return rows.map(({ name }) => name);
    });

  it('becomes a backup that is checked, certified and restored like any other', {
    timeout: 180_000,
  }, async () => {
    const run = await runToEnd(
      service,
      request({ dump: { path: at('dump.sql'), format: 'plain' }, library: { archive: at('library.tgz') } }),
    );
    expect(run).toMatchObject({ state: 'Succeeded', request: { type: 'Uploaded' } });
    await expectNothingStaged();
    const store = service.provider.objectStore(fixture.source.environment.backups.location);
    const ref = { projectId: project, environment: 'prd' };
    const { value } = await openManifest(store, ref, run.runId, await service.trustedKeys());
    const sha256 = async (file: string) =>
      createHash('sha256')
        .update(await readFile(at(file)))
        .digest('hex');
    expect(value).toMatchObject({
      type: 'Uploaded',
      uploaded: {
        dump: { name: 'dump.sql', format: 'plain', sha256: await sha256('dump.sql') },
        library: { kind: 'archive', name: 'library.tgz', sha256: await sha256('library.tgz') },
      },
      units: { documentLibrary: { source: 'upload:library.tgz' } },
    });
    expect(JSON.stringify(value)).not.toContain(`${fixture.folder}/state`);
    expect((await verify(service, fixture.source, run.runId)).problems).toEqual([]);
    const target = fixture.newEnvironment('uploaded');
    expect((await runToEnd(service, restoreRequest(fixture.source, run.runId, target))).state).toBe(
      'Succeeded',
    );
    expect((await compareEnvironments({ a: fixture.source, b: target })).differences).toEqual([]);
    expect(await ownersIn(target.databaseUrl)).toEqual([expect.stringMatching(/^lcb_owner_[0-9a-f]{16}$/)]);

    // Backed up again it is an ordinary backup, of what a stranger made all the same.
    const again = await runToEnd(service, backupRequest(target, { mode: 'full' }));
    expect(again).toMatchObject({ state: 'Succeeded', request: { type: 'Manual' } });
    const second = fixture.newEnvironment('uploaded-again');
    expect((await runToEnd(service, restoreRequest(target, again.runId, second))).state).toBe('Succeeded');
    expect((await compareEnvironments({ a: fixture.source, b: second })).differences).toEqual([]);
    expect(await ownersIn(second.databaseUrl)).toEqual([expect.stringMatching(/^lcb_owner_[0-9a-f]{16}$/)]);
  });

  it.each([
    ['dump.sql.gz', 'gzip'],
    ['dump.sql.zst', 'zstd'],
    ['dump.custom', 'custom'],
    ['dump.tar', 'tar'],
  ] as const)('takes a dump such as %s', { timeout: 120_000 }, async (file, format) => {
    const run = await runToEnd(service, request({ dump: { path: at(file), format } }));
    expect(run).toMatchObject({ state: 'Succeeded' });
    const target = fixture.newEnvironment(`from-${format}`);
    const restore = { ...restoreRequest(fixture.source, run.runId, target), units: ['database' as const] };
    expect((await runToEnd(service, restore)).state).toBe('Succeeded');
    const libraryFolder = fixture.source.libraryFolder;
    const report = await compareEnvironments({ a: fixture.source, b: { ...target, libraryFolder } });
    expect(report.differences).toEqual([]);
  });

  it('of a folder is read in place, and is no base of the next backup of the environment', async () => {
    const ordinary = await runToEnd(service, backupRequest(fixture.source));
    const location = pathToFileURL(fixture.source.libraryFolder).href;
    const uploaded = await runToEnd(service, request({ library: { location } }));
    expect(uploaded).toMatchObject({ state: 'Succeeded', sealed: { base: null } });
    const files = await filesBelow(fixture.source.libraryFolder);
    const next = await runToEnd(service, backupRequest(fixture.source));
    expect(next).toMatchObject({ state: 'Succeeded', sealed: { base: ordinary.runId } });
    expect(await filesBelow(fixture.source.libraryFolder)).toEqual(files);
  });

  it('that is hostile fails, names file and line, and leaves nothing', { timeout: 120_000 }, async () => {
    const before = await readdir(
      join(folderOf(fixture.source.environment.backups.location), 'retail/prd/backups'),
    );
    await writeFile(at('evil.sql'), 'SET client_min_messages = warning;\n\\! touch /tmp/lcb-was-here\n');
    await writeFile(at('program.sql'), "CREATE TABLE t (a text);\nCOPY t FROM PROGRAM 'id';\n");
    for (const file of ['evil.sql', 'program.sql']) {
      const run = await runToEnd(service, request({ dump: { path: at(file), format: 'plain' } }));
      expect(run).toMatchObject({ state: 'Failed', error: { code: 'sql.refused' } });
      expect(run.error?.message).toContain(`${file}, line 2`);
      await expectNothingStaged();
    }
    await writeFile(at('outside'), 'secret');
    execFileSync('ln', ['-s', '../outside', at('link')]);
    execFileSync('tar', ['-C', fixture.folder, '-cf', at('link.tar'), 'link']);
    const run = await runToEnd(service, request({ library: { archive: at('link.tar') } }));
    expect(run).toMatchObject({ state: 'Failed', error: { code: 'archive.refused' } });
    expect(run.error?.message).toContain('"link"');
    await expectNothingStaged();
    const after = await readdir(
      join(folderOf(fixture.source.environment.backups.location), 'retail/prd/backups'),
    );
    expect(after).toEqual(before);
  });

  it("does not touch another's database of the name that it needs", { timeout: 120_000 }, async () => {
    const wanted = { dump: { path: at('dump.sql'), format: 'plain' as const } };
    const submitted = { ...request(wanted), requestedAt: '2030-01-01T00:00:00.000Z' };
    const name = `lcb_upload_${createHash('sha256').update('retail-prd-backup-20300101-000000').digest('hex').slice(0, 16)}`;
    await withClient(fixture.source.databaseUrl, async (client) => {
      await client.query(`create database ${name}`);
    });
    const url = new URL(fixture.source.databaseUrl);
    url.pathname = `/${name}`;
    await withClient(url.href, async (client) => {
      await client.query('create table precious (a int)');
    });
    expect(await runToEnd(service, submitted)).toMatchObject({
      state: 'Failed',
      error: { code: 'database.targetOccupied' },
    });
    await withClient(url.href, async (client) => {
      await client.query('select * from precious');
    });
  });
});
