import { cpSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { chooseServerMajor, stopServer } from '@lcb/embedded-postgres';
import {
  requireOrSkip,
  serverFolder,
  type ThrowawayServer,
  throwawayServer,
} from '@lcb/embedded-postgres/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createDatabase, fillLibraryFolder, fillPostgresql, tiny } from '../fixtures/index.ts';
import { startLcb } from './run-lcb.ts';

const withPostgres = await requireOrSkip('PostgreSQL with client tools', chooseServerMajor);

/** One story, told in order: every test goes on where the one before it ended. */
withPostgres('lcb verify, catalog rebuild, and what keeps backups', () => {
  let folder: string;
  let server: ThrowawayServer;
  const ids: string[] = [];

  const lcb = (...args: string[]) =>
    startLcb(folder, { LPORTAL_PASSWORD: decodeURIComponent(new URL(server.url).password) }, args).ended;

  async function answer(...args: string[]) {
    const { exitCode, stdout, lines } = await lcb(...args, '-o', 'json');
    return { exitCode, lines, document: JSON.parse(stdout) };
  }
  /** The backup's id, its exit code and what else it said. */
  async function backUp() {
    const { exitCode, document, lines } = await answer('backup', 'create', '--wait');
    expect({ exitCode, error: document.error }).toEqual({ exitCode: 0, error: null });
    return { document, lines };
  }
  const backupsFolder = () => join(folder, 'backups/retail/prd/backups');
  async function loseCatalog() {
    await stopServer(join(folder, '.lcb/catalog'), 'immediate');
    rmSync(join(folder, '.lcb/catalog'), { recursive: true });
  }

  beforeAll(async () => {
    const { binaries } = await chooseServerMajor();
    folder = await serverFolder();
    server = await throwawayServer({ binaries });
    const sourceUrl = await createDatabase(server.url, 'lportal');
    await fillPostgresql(tiny(), sourceUrl);
    await fillLibraryFolder(tiny(), join(folder, 'library'));
    const url = new URL(sourceUrl);
    url.password = '';
    writeFileSync(
      join(folder, 'lcb.yaml'),
      `deletion: { graceSeconds: 3600 }
projects:
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

  it('makes three backups, every check of which passes, and compares the dump with the last ones', {
    timeout: 120_000,
  }, async () => {
    for (const name of ['one', 'two', 'three']) {
      writeFileSync(join(folder, 'library', name), name);
      const { document } = await backUp();
      ids.push(document.id);
      const failed = document.checks.filter(({ ok }: { ok: boolean }) => !ok);
      expect(failed).toEqual([]);
    }
    const { document } = await answer('backup', 'show', ids[2] ?? '');
    const expected = Object.fromEntries(
      document.checks.map((check: { name: string; expected: string }) => [check.name, check.expected]),
    );
    expect(expected['database.dumpSize']).toContain('the last 2');
    expect(Object.keys(expected)).toEqual([
      'database.dumpSize',
      'database.compressionIntegrity',
      'database.statements',
      'database.schemaMarkers',
      'database.rowCounts',
      'database.sequences',
      'database.largeObjects',
      'library.objectCount',
      'library.totalSize',
      'library.source',
      'library.copiesPresent',
      'library.sampleReadBack',
      'library.metadata',
    ]);
  });

  it('verifies all of them with nothing but a copy of the location and the public keys', async () => {
    const { document: keys } = await answer('keys', 'list');
    const elsewhere = await serverFolder();
    cpSync(join(folder, 'backups'), join(elsewhere, 'copied'), { recursive: true });
    writeFileSync(join(elsewhere, 'keys.json'), JSON.stringify(keys));
    const run = (...args: string[]) =>
      startLcb(elsewhere, {}, ['verify', 'copied', ...args, '-o', 'json']).ended;
    try {
      for (const level of ['quick', 'sample', 'full']) {
        const { exitCode, stdout } = await run('--key', 'keys.json', '--level', level);
        const document = JSON.parse(stdout);
        expect(document).toMatchObject({
          ok: true,
          level,
          strangerCount: 0,
          environments: [{ recordProblemCount: 0 }],
        });
        expect(document.environments[0].backups).toEqual(
          ids.map((backupId) =>
            expect.objectContaining({ backupId, ok: true, problemCount: 0, warnings: [], notVerifiable: [] }),
          ),
        );
        expect(exitCode).toBe(0);
      }
      expect((await run()).exitCode).toBe(2);
      const dump = join(elsewhere, `copied/retail/prd/backups/${ids[0]}/attempts/1/database/dump.sql.zst`);
      writeFileSync(dump, 'no dump');
      const { exitCode, stdout } = await run('--key', 'keys.json');
      const [first, second] = JSON.parse(stdout).environments[0].backups;
      expect(exitCode).toBe(1);
      expect(first.problems).toEqual([expect.stringContaining('attempts/1/database/dump.sql.zst')]);
      expect(second.ok).toBe(true);
      expect((await run('--key', 'keys.json', '--backup', ids[1] ?? '')).exitCode).toBe(0);
      expect((await run('--key', 'keys.json', '--project', 'other')).exitCode).toBe(3);
    } finally {
      rmSync(elsewhere, { recursive: true });
    }
  });

  it('pins and unpins; a pinned backup is deleted by nobody, and neither is a base', {
    timeout: 120_000,
  }, async () => {
    const [first = '', , third = ''] = ids;
    const { document: pinned } = await answer('backup', 'pin', third, '--reason', 'audit');
    expect(pinned.pinned).toEqual({ at: expect.any(String), reason: 'audit' });
    expect((await answer('backup', 'pin', third, '--reason', 'audit')).exitCode).toBe(0);
    const refused = await answer('backup', 'delete', third, '--wait');
    expect({ exitCode: refused.exitCode, code: refused.document.error.code }).toEqual({
      exitCode: 4,
      code: 'backup.pinned',
    });
    const base = await answer('backup', 'delete', first, '--wait');
    expect({ exitCode: base.exitCode, code: base.document.error.code }).toEqual({
      exitCode: 4,
      code: 'backup.isBase',
    });
    const plan = await answer('backup', 'delete', third, '--dry-run');
    expect(plan.exitCode).toBe(4);
    expect(plan.document).toMatchObject({ dryRun: true, blockedBy: [expect.stringContaining('audit')] });
    expect((await answer('backup', 'unpin', third)).document.pinned).toBe(null);
    expect((await answer('backup', 'delete', third, '--dry-run')).exitCode).toBe(0);
  });

  it('deletes, undeletes, and deletes what is a base only when told so', { timeout: 120_000 }, async () => {
    const [first = '', , third = ''] = ids;
    const { exitCode, document } = await answer('backup', 'delete', third, '--wait', '--reason', 'too many');
    expect(document).toMatchObject({ state: 'Succeeded', backupId: third, reason: 'too many' });
    expect(exitCode).toBe(0);
    const shown = (await answer('backup', 'show', third)).document;
    expect(Date.parse(shown.deletedUntil)).toBeGreaterThan(Date.parse(shown.deletedAt));
    expect((await lcb('backup', 'list')).stdout).toContain('(deleted, until 20');
    expect((await answer('restore', 'create', third, '--target-environment', 'x')).exitCode).toBe(2);
    expect((await answer('backup', 'pin', third)).document.error.code).toBe('backup.deleted');
    expect((await answer('backup', 'undelete', third)).document.deletedAt).toBe(null);
    expect((await answer('backup', 'undelete', third)).exitCode).toBe(0);
    expect((await answer('backup', 'delete', first, '--even-if-base', '--wait')).exitCode).toBe(0);
    await answer('backup', 'pin', third, '--reason', 'kept');
    const { document: audit } = await answer('audit', 'list');
    const actions = audit.entries.map(({ action }: { action: string }) => action);
    expect(actions).toEqual(
      expect.arrayContaining(['backup.pinned', 'backup.unpinned', 'backup.undeleted', 'delete.succeeded']),
    );
    expect((await answer('audit', 'verify')).exitCode).toBe(0);
    expect((await answer('verify', 'backups')).exitCode).toBe(0);
  });

  it('hints at a lost catalog, and recreates what it knew of the backups', { timeout: 180_000 }, async () => {
    const [first, second, third] = ids;
    const list = async () => (await answer('backup', 'list')).document.backups;
    const before = await list();
    await loseCatalog();
    const empty = await answer('backup', 'list');
    expect(empty.document.backups).toEqual([]);
    expect(empty.lines.join()).toContain('lcb catalog rebuild');
    const dry = await answer('catalog', 'rebuild', 'backups', '--dry-run');
    expect(dry.document.environments[0].backups).toHaveLength(3);
    expect(await list()).toEqual([]);

    const { exitCode, document } = await answer('catalog', 'rebuild', 'backups');
    expect(document.environments).toMatchObject([
      {
        backups: [first, second, third].map((backupId) => ({ backupId, outcome: 'created' })),
        recordProblems: [],
        auditLost: true,
      },
    ]);
    expect(exitCode).toBe(0);
    const kept = [
      'id',
      'state',
      'bytes',
      'storedBytes',
      'base',
      'dataTime',
      'sealedAt',
      'manifestSha256',
      'deletedUntil',
      'mode',
      'compression',
      'location',
      'initiator',
      'requestedAt',
    ];
    const essence = (backups: Record<string, unknown>[]) =>
      backups.map((backup) => Object.fromEntries(kept.map((name) => [name, backup[name]])));
    expect(essence(await list())).toEqual(essence(before));
    expect((await list())[0].pinned.reason).toBe('kept');

    const again = await answer('catalog', 'rebuild', 'backups');
    expect(again.document.environments[0].backups.map(({ outcome }: { outcome: string }) => outcome)).toEqual(
      ['unchanged', 'unchanged', 'unchanged'],
    );
    const audit = await answer('audit', 'verify');
    expect(audit.document.chains[0]).toMatchObject({
      ok: true,
      losses: [expect.stringContaining('rebuilt on')],
    });
  });

  it('goes on after that as if nothing had been: restores, and backs up with the last one as base', {
    timeout: 180_000,
  }, async () => {
    const third = ids[2] ?? '';
    const { exitCode, document } = await answer(
      'restore',
      'create',
      third,
      '--target-environment',
      'copy',
      '--wait',
    );
    expect({ exitCode, error: document.error }).toEqual({ exitCode: 0, error: null });
    const next = await backUp();
    expect(next.document.base).toBe(third);
    expect((await answer('backup', 'verify', third, '--no-record')).exitCode).toBe(0);
    const verified = await answer('verify', 'backups');
    expect(
      verified.document.environments[0].backups.map(({ warnings }: { warnings: string[] }) => warnings),
    ).toEqual([[], [], [], []]);
    expect(verified.exitCode).toBe(0);
  });

  it('leaves out what it can not trust, and warns before it signs with another key', {
    timeout: 180_000,
  }, async () => {
    await loseCatalog();
    const [first = '', second = ''] = readdirSync(backupsFolder());
    writeFileSync(join(backupsFolder(), first, 'manifest.json'), '{}\n');
    rmSync(join(backupsFolder(), second, 'manifest.json'));
    const { exitCode, document } = await answer('catalog', 'rebuild', 'backups');
    const outcomes = Object.fromEntries(
      document.environments[0].backups.map((backup: { backupId: string; outcome: string }) => [
        backup.backupId,
        backup.outcome,
      ]),
    );
    expect(outcomes).toMatchObject({ [first]: 'leftOut', [second]: 'leftOut' });
    expect(Object.values(outcomes).filter((outcome) => outcome === 'created')).toHaveLength(2);
    expect(exitCode).toBe(1);

    rmSync(join(folder, '.lcb/keys'), { recursive: true });
    const { lines } = await backUp();
    expect(lines.join()).toContain('signed by a key that is not here');
  });
});
