import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import {
  type BackupRequest,
  backupRequestSchema,
  type DatabaseConnection,
  readStanding,
  type StepName,
  stepNames,
  stepTable,
  type VerifyRun,
} from '@lcb/core';
import { chooseServerMajor, toolsFor } from '@lcb/embedded-postgres';
import type { LocalService, LocalSettings, OwnerEvent } from '@lcb/functions-local';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { withClient } from '../fixtures/postgresql/connect.ts';
import { forgeDump, withRows } from '../support/forged-backup.ts';
import { KillSeries } from '../support/kill-series.ts';
import {
  backupRequest,
  type LocalFixture,
  localFixture,
  project,
  verifyRequest,
} from '../support/local-fixture.ts';
import { filesBelow, folderOf } from '../support/repository.ts';
import { runToEnd } from '../support/run-to-end.ts';
import { readJournal, runServiceProcess } from '../support/service-process.ts';

const steps = stepNames.filter((step) => step.startsWith('verify.'));

describe('a verification by restore', () => {
  let fixture: LocalFixture;
  let settings: LocalSettings;
  beforeAll(async () => {
    fixture = await localFixture();
    settings = await fixture.settings({ leaseSeconds: 1 });
  });
  afterAll(() => fixture.remove());

  async function withService<T>(
    work: (service: LocalService) => Promise<T>,
    of: LocalSettings = settings,
    onEvent?: (event: OwnerEvent) => void | Promise<void>,
  ): Promise<T> {
    // Nobody waits for a server that is not there.
    const service = await fixture.open(of, onEvent, { sleep: async () => undefined });
    try {
      return await work(service);
    } finally {
      await service.close();
    }
  }

  const backUp = (request: BackupRequest = backupRequest(fixture.source)) =>
    withService(async (service) => {
      const run = await runToEnd(service, request);
      expect(run.state).toBe('Succeeded');
      return run.runId;
    });

  async function verify(service: LocalService, backupId: string, server?: DatabaseConnection) {
    const run = await runToEnd(service, verifyRequest(fixture.source, backupId, server));
    if (run.kind !== 'verify') throw new TypeError('no verification');
    return run;
  }

  const query = async (sql: string) =>
    (await withClient(fixture.source.databaseUrl, (client) => client.query<{ name: string }>(sql))).rows.map(
      ({ name }) => name,
    );

  async function standingOf(service: LocalService, backupId: string) {
    const store = service.provider.objectStore(fixture.source.environment.backups.location);
    const ref = { projectId: project, environment: 'prd' };
    return (await readStanding(store, ref, backupId, await service.trustedKeys())).standing;
  }

  /** Neither on the server nor among the backups, but the certificate. */
  async function expectNothingLeft(run?: VerifyRun) {
    expect(await query(`select datname as name from pg_database where datname like 'lcb_verify%'`)).toEqual(
      [],
    );
    expect(
      await query(`select rolname as name from pg_roles where rolname ~ '^lcb_(import|owner)_'`),
    ).toEqual([]);
    if (run === undefined) return;
    const backups = folderOf(fixture.source.environment.backups.location);
    const files = await filesBelow(join(backups, 'retail/prd/restores', run.runId));
    expect(files.filter((file) => !file.startsWith('consistency'))).toEqual([]);
  }

  it('finds a good backup good, says how long it took, and leaves nothing', {
    timeout: 120_000,
  }, async () => {
    const backupId = await backUp();
    await withService(async (service) => {
      const run = await verify(service, backupId);
      expect(run).toMatchObject({
        state: 'Succeeded',
        units: { database: { state: 'Succeeded' } },
        result: {
          verified: {
            ok: true,
            level: 'restore',
            problems: [],
            restored: { certificate: { verdict: 'consistent', missing: 0, wrongSize: 0 } },
          },
        },
      });
      const backup = await service.catalog.forProject(project).run(backupId);
      const { verified } = run.result ?? {};
      expect(verified?.restored?.rows).toBeGreaterThan(100);
      expect(verified?.bytesRead).toBeGreaterThan(backup?.units.database?.storedBytes ?? 0);
      expect(verified?.seconds).toBeGreaterThan(verified?.restored?.loadSeconds ?? 0);
      expect((await standingOf(service, backupId)).verified?.restore).toMatchObject({ ...verified });
      await expectNothingLeft(run);
    });
  });

  it('finds what only a restore can: a row that the dump has lost, and one that is another', {
    timeout: 120_000,
  }, async () => {
    const catalog = (await fixture.settings()).catalog;
    for (const [change, code] of [
      [(rows: string[]) => rows.slice(1), 'verify.databaseDiffers'],
      [
        (rows: string[]) => rows.map((row, at) => (at === 0 ? another(row) : row)),
        'verify.certificateDiffers',
      ],
    ] as const) {
      const backupId = await backUp(backupRequest(fixture.source, { mode: 'full' }));
      // A catalog that does not know it has nothing but the signature to go by.
      await withService(
        async (service) => {
          await forgeDump(service, fixture.source, backupId, (sql) => withRows(sql, 'dlfileversion', change));
          const run = await verify(service, backupId);
          expect(run).toMatchObject({ state: 'Failed', error: { code } });
          const { damagedBy, verified } = await standingOf(service, backupId);
          expect(damagedBy).toEqual(['restore']);
          expect(verified?.restore).toMatchObject({ ok: false, problems: [run.error?.message] });
          await expectNothingLeft(run);
        },
        { ...settings, catalog },
      );
    }
  });

  it('finds a damaged dump, which is no base from then on', { timeout: 120_000 }, async () => {
    const backupId = await backUp(backupRequest(fixture.source, { mode: 'full' }));
    await withService(async (service) => {
      const store = service.provider.objectStore(fixture.source.environment.backups.location);
      const key = `retail/prd/backups/${backupId}/attempts/1/database/dump.sql.zst`;
      const bytes = Buffer.concat(await (await store.get(key)).body.toArray());
      bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
      await store.deleteMany([{ key }]);
      await store.put(key, bytes);
      const run = await verify(service, backupId);
      expect(run).toMatchObject({ state: 'Failed', error: { code: 'verify.damaged' } });
      expect((await standingOf(service, backupId)).damagedBy).toEqual(['restore']);
      await expectNothingLeft(run);
      const next = await runToEnd(service, backupRequest(fixture.source));
      expect(next).toMatchObject({ state: 'Succeeded', sealed: { base: null } });
    });
  });

  it('says nothing of a backup where the server is at fault', { timeout: 120_000 }, async () => {
    const backupId = await backUp();
    const declared = fixture.source.environment.database;
    if (declared === undefined) throw new TypeError('no database');
    const password = new URL(fixture.source.databaseUrl).password;
    await query(`create role narrow login nocreatedb password '${password}'`);
    const onServer = (change: (url: URL) => void) => {
      const url = new URL(declared.url);
      change(url);
      return { ...declared, url: url.href };
    };
    await withService(async (service) => {
      for (const [server, code] of [
        [onServer((url) => (url.username = 'narrow')), 'database.permission'],
        [onServer((url) => (url.port = '1')), 'database.unreachable'],
      ] as const) {
        const run = await verify(service, backupId, server);
        expect(run).toMatchObject({ state: 'Failed', error: { code } });
        expect(run.result?.verified).toBeUndefined();
        expect(await standingOf(service, backupId)).toEqual({});
        await expectNothingLeft(run);
      }
    });
  });

  it('touches no database of its name that is there already', { timeout: 120_000 }, async () => {
    const backupId = await backUp();
    let taken = '';
    await withService(
      async (service) => {
        const run = await verify(service, backupId);
        expect(run).toMatchObject({ state: 'Failed', error: { code: 'verify.scratchTaken' } });
        expect(await query(`select datname as name from pg_database where datname = '${taken}'`)).toEqual([
          taken,
        ]);
        await query(`drop database ${taken}`);
        expect(await standingOf(service, backupId)).toEqual({});
      },
      settings,
      async (event) => {
        if (event.kind !== 'step' || event.step !== 'verify.plan' || event.phase !== 'begin') return;
        const hash = createHash('sha256').update(event.runId).digest('hex');
        taken = `lcb_verify_${hash.slice(0, 16)}`;
        if (await query(`select datname as name from pg_database where datname = '${taken}'`).then(isEmpty))
          await query(`create database ${taken}`);
      },
    );
  });

  it('loads what a stranger made as a guest, who is gone afterwards', { timeout: 120_000 }, async () => {
    const { binaries } = await chooseServerMajor();
    const { pgDump } = await toolsFor(binaries.major);
    const path = join(fixture.folder, 'dump.sql');
    execFileSync(pgDump, ['-d', fixture.source.databaseUrl, '--file', path]);
    const uploaded = await backUp(
      backupRequestSchema.parse({
        ...backupRequest(fixture.source, { mode: 'full', units: ['database'] }),
        type: 'Uploaded',
        upload: { dump: { path, format: 'plain' } },
      }),
    );
    await withService(async (service) => {
      const run = await verify(service, uploaded);
      expect(run).toMatchObject({ state: 'Succeeded', result: { verified: { ok: true } } });
      expect(run.result?.restored?.certificate).toBeUndefined();
      await expectNothingLeft(run);
    });
  });

  it('cancelled before each of its steps leaves nothing, and says nothing', {
    timeout: 300_000,
  }, async () => {
    const backupId = await backUp();
    for (const { name } of Object.values(stepTable).filter((step) => step.cancellable && isOwn(step.name))) {
      let asked = false;
      await withService(
        async (service) => {
          const run = await verify(service, backupId);
          expect({ name, state: run.state }).toEqual({ name, state: 'Cancelled' });
          expect(await standingOf(service, backupId)).toEqual({});
          await expectNothingLeft(run);
        },
        settings,
        async (event) => {
          if (event.kind !== 'step' || event.step !== name || asked) return;
          asked = true;
          const service = await fixture.open(settings);
          const run = await service.catalog.forProject(project).run(event.runId);
          if (run !== undefined) await service.requestCancel(run, 'bob@example.com');
          await service.close();
        },
      );
    }
  });

  it('killed with -9 at every step ends right, with nothing left', { timeout: 600_000 }, async () => {
    const backupId = await backUp();
    const journal = join(fixture.folder, 'journal');
    const series = new KillSeries(settings, journal);
    const request = verifyRequest(fixture.source, backupId);
    await series.runThrough(
      request,
      steps.flatMap((step) => (['begin', 'end'] as const).map((phase) => ({ step, phase }))),
    );
    await series.close();
    expect(new Set((await readJournal(journal)).map(({ step }) => step))).toEqual(new Set(steps));
    await expectNothingLeft();
    await withService(async (service) => {
      expect((await standingOf(service, backupId)).verified?.restore?.ok).toBe(true);
    });
    const records = (await filesBelow(folderOf(fixture.source.environment.backups.location))).filter((file) =>
      /records\/.*-verify-[\d-]+-verified\.json$/.test(file),
    );
    const ofRun = records.filter((file) => file.includes(idOf(request.requestedAt)));
    expect(ofRun).toHaveLength(1);
  });

  it('is ended by the reaper where the engine has lost it, with nothing left', {
    timeout: 180_000,
  }, async () => {
    const backupId = await backUp();
    const lost = await fixture.settings({ leaseSeconds: 1 });
    const of = { ...settings, catalog: lost.catalog };
    const request = verifyRequest(fixture.source, backupId);
    const killAt = { step: 'verify.rows.start', phase: 'end' } as const;
    const journal = join(fixture.folder, 'lost-journal');
    expect((await runServiceProcess({ settings: of, request, killAt, journal })).signal).toBe('SIGKILL');
    expect(
      await query(`select datname as name from pg_database where datname like 'lcb_verify%'`),
    ).toHaveLength(1);
    if (of.catalog.kind !== 'postgresql') throw new TypeError('the fixture has a catalog of its own');
    await withClient(of.catalog.url, (client) => client.query('delete from dbos.workflow_status'));
    await withService(async (service) => {
      const { runs } = await service.catalog.forProject(project).runs({ kind: 'verify', limit: 10 });
      const [run] = runs;
      if (run === undefined) throw new Error('the run is not in the catalog');
      const ended = await service.waitFor(run, () => undefined, new AbortController().signal);
      expect(ended).toMatchObject({ state: 'Failed', error: { code: 'run.lost' } });
      expect(await standingOf(service, backupId)).toEqual({});
    }, of);
    await expectNothingLeft();
  });
});

const isOwn = (step: StepName) => steps.includes(step);
const isEmpty = (found: readonly string[]) => found.length === 0;

/** `20251109-143000` */
function idOf(requestedAt: string): string {
  return requestedAt.slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '-');
}

/** The row of a file's version with another version in it, and so the row of an object that is not there. */
function another(row: string): string {
  return row
    .split('\t')
    .map((value) => (/^\d+\.\d+$/.test(value) ? `7${value}` : value))
    .join('\t');
}
