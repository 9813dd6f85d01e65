import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { databaseDumpSchema } from '@lcb/core';
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
import { withClient } from '../fixtures/postgresql/connect.ts';
import { startLcb } from './run-lcb.ts';

const withPostgres = await requireOrSkip('PostgreSQL with client tools', chooseServerMajor);
const spec = tiny({ companies: 2, partitioned: true, largeObjects: { ctsContent: 2, dlContent: 1 } });

/** Larger than what one stream is enough for. */
const largeTables = `
CREATE TABLE lportal.large (id bigint PRIMARY KEY, groupid int, body text, bytes bytea);
INSERT INTO lportal.large SELECT i, i % 50, repeat(md5(i::text), 20), decode(md5(i::text), 'hex') FROM generate_series(1, 15000) i;
CREATE INDEX large_group ON lportal.large (groupid);
CREATE TABLE lportal."Large ""2"" :x" (id bigint REFERENCES lportal.large, body bytea);
ALTER TABLE lportal."Large ""2"" :x" ALTER body SET STORAGE EXTERNAL;
INSERT INTO lportal."Large ""2"" :x" SELECT i, decode(repeat(md5(i::text), 4000), 'hex') FROM generate_series(1, 200) i;`;

/** One story, told in order: everything that reads a dump, with a dump of many parts. */
withPostgres('a backup of a database that several readers dump', () => {
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
  async function differencesTo(database: string, library: string) {
    const url = new URL(sourceUrl);
    url.pathname = `/${database}`;
    const { differences } = await compareEnvironments({
      a: { databaseUrl: sourceUrl, libraryFolder: at('library') },
      b: { databaseUrl: url.href, libraryFolder: at(library) },
    });
    return differences;
  }

  beforeAll(async () => {
    const { binaries } = await chooseServerMajor();
    folder = await serverFolder();
    server = await throwawayServer({ binaries });
    sourceUrl = await createDatabase(server.url, 'lportal');
    await fillPostgresql(spec, sourceUrl);
    await withClient(sourceUrl, (client) => client.query(largeTables));
    await fillLibraryFolder(spec, at('library'));
    const url = new URL(sourceUrl);
    url.password = '';
    writeFileSync(
      at('lcb.yaml'),
      `projects:
  retail:
    environments:
      prd:
        database: { engine: postgresql, url: "${url.href}", secret: "env:LPORTAL_PASSWORD", workers: 3 }
        library: library
        backups: ./backups
`,
    );
    const made = await answer('backup', 'create', '--wait');
    expect(made).toMatchObject({ exitCode: 0, document: { state: 'Succeeded' } });
    backupId = made.document.id;
  }, 240_000);

  afterAll(async () => {
    await stopServer(at('.lcb/catalog'), 'immediate');
    await server.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  it('has many parts, and verifies by its bytes and by a restore', { timeout: 120_000 }, async () => {
    const path = at('backups/retail/prd/backups', backupId, 'attempts/1/database/dump.json');
    const { parts } = databaseDumpSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
    expect(parts.map(({ section }) => section)).toEqual(['preData', 'data', 'data', 'data', 'postData']);
    expect((await answer('backup', 'verify', backupId)).document).toMatchObject({ ok: true });
    const restored = await answer('backup', 'verify', backupId, '--level', 'restore', '--wait');
    expect(restored).toMatchObject({ exitCode: 0, document: { state: 'Succeeded' } });
  });

  it('is restored to what it was', { timeout: 120_000 }, async () => {
    const restore = ['restore', 'create', backupId, '--target-environment', 'uat', '--wait'];
    expect(await answer(...restore)).toMatchObject({ exitCode: 0, document: { state: 'Succeeded' } });
    expect(await differencesTo('lportal_uat', 'library-uat')).toEqual([]);
  });

  it('is downloaded as one file that psql loads, and that comes back as an upload', {
    timeout: 240_000,
  }, async () => {
    expect((await answer('backup', 'download', backupId, '--to', 'down')).document).toMatchObject({
      ok: true,
    });
    const databaseUrl = await createDatabase(server.url, 'by_hand');
    const { binaries } = await chooseServerMajor();
    const { psql } = await toolsFor(binaries.major);
    const plain = ['-X', '-q', '-v', 'ON_ERROR_STOP=1', '-d', databaseUrl, '-f', at('down/database.sql')];
    execFileSync(psql, plain);
    expect(await differencesTo('by_hand', 'down/library')).toEqual([]);

    const upload = ['backup', 'upload', '--dump', 'down/database.sql', '--library', 'down/library', '--wait'];
    const uploaded = await answer(...upload);
    expect(uploaded).toMatchObject({ exitCode: 0, document: { state: 'Succeeded' } });
    const restore = ['restore', 'create', uploaded.document.id, '--target-environment', 'back', '--wait'];
    expect(await answer(...restore)).toMatchObject({ exitCode: 0, document: { state: 'Succeeded' } });
    expect(await differencesTo('lportal_back', 'library-back')).toEqual([]);
  });

  it('is copied, and restored from the copy', { timeout: 120_000 }, async () => {
    const copied = await answer('backup', 'copy', backupId, '--to', 'copies', '--wait');
    expect(copied).toMatchObject({ exitCode: 0, document: { state: 'Succeeded' } });
    const restore = ['--from', 'copies', '--target-environment', 'twin', '--wait'];
    const restored = await answer('restore', 'create', backupId, ...restore);
    expect(restored).toMatchObject({ exitCode: 0, document: { state: 'Succeeded' } });
    expect(await differencesTo('lportal_twin', 'library-twin')).toEqual([]);
  });
});
