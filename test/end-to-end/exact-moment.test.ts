import { setTimeout as pause } from 'node:timers/promises';
import { DeleteObjectCommand, GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { type Certificate, openManifest, readCertificate, readIndex } from '@lcb/core';
import { requireOrSkip } from '@lcb/embedded-postgres/testing';
import type { LocalService, OwnerEvent } from '@lcb/functions-local';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { movedTo, storesOf, uploadFolder } from '../support/bucket-fixture.ts';
import { type BusyLiferay, busyContent, busyName, startBusyLiferay } from '../support/busy-liferay.ts';
import {
  backupRequest,
  type LocalFixture,
  localFixture,
  type PlacedEnvironment,
  project,
  restoreRequest,
} from '../support/local-fixture.ts';
import { queryRows } from '../support/query-rows.ts';
import { verify } from '../support/repository.ts';
import { runToEnd } from '../support/run-to-end.ts';
import { ministackProgram } from '../support/s3-programs.ts';
import { type S3Server, startS3Server } from '../support/s3-server.ts';

const bucket = 'living';
const prefix = 'library/';

/** Not versitygw, which gives a version the time at which it was replaced. */
const withMinistack = await requireOrSkip('ministack', ministackProgram);
withMinistack('a library whose bucket keeps versions', () => {
  let server: S3Server;
  let fixture: LocalFixture;
  let service: LocalService;
  let source: PlacedEnvironment;
  let atStep: (event: Extract<OwnerEvent, { kind: 'step' }>) => Promise<void>;
  beforeEach(async () => {
    atStep = async () => undefined;
    server = await startS3Server('ministack');
    await server.createBucket(bucket, { versions: true });
    await server.createBucket('plain');
    fixture = await localFixture();
    await uploadFolder(server, fixture.source.libraryFolder, bucket, prefix);
    source = movedTo(fixture.source, { library: `s3://${bucket}/library`, backups: 's3://plain/backups' });
    const stores = [...storesOf(server, bucket), ...storesOf(server, 'plain')];
    service = await fixture.open(await fixture.settings({}, stores), async (event) => {
      if (event.kind === 'step') await atStep(event);
    });
  });
  afterEach(async () => {
    await service.close();
    await fixture.remove();
    await server.stop();
  });

  async function backUp(consistency?: 'exact' | 'databaseFirst') {
    const request = backupRequest(source, consistency === undefined ? {} : { consistency });
    const run = await runToEnd(service, request);
    const store = service.provider.objectStore(source.environment.backups.location);
    const ref = { projectId: project, environment: 'prd' };
    const { value: manifest } = await openManifest(store, ref, run.runId, await service.trustedKeys());
    const certificate = await readCertificate(store, ref, manifest);
    if (certificate === undefined) throw new Error('it has no certificate');
    const sizes = new Map<string, number>();
    for await (const { key, size } of readIndex(store, ref, manifest)) sizes.set(key, size);
    return { run, manifest, certificate, sizes };
  }

  const sql = (text: string) => queryRows(source.databaseUrl, text);
  const put = (key: string, Body: string) =>
    server.client.send(new PutObjectCommand({ Bucket: bucket, Key: prefix + key, Body }));
  const remove = (key: string) =>
    server.client.send(new DeleteObjectCommand({ Bucket: bucket, Key: prefix + key }));

  interface File {
    readonly id: string;
    readonly key: string;
    readonly size: number;
  }

  /** Files of one version each. */
  async function files(count: number): Promise<File[]> {
    const rows = await sql(
      `select e.fileentryid as id, max(v.size_) as size, max(e.companyid || '/' ||
         (case when e.folderid = 0 then e.repositoryid else e.folderid end) || '/' || e.name || '/' || v.version ||
         coalesce('~' || nullif(v.storeuuid, ''), '')) as key
       from lportal.dlfileversion v join lportal.dlfileentry e
         on e.fileentryid = v.fileentryid and e.ctcollectionid = v.ctcollectionid
       where v.ctcollectionid = 0 and v.size_ > 0 group by e.fileentryid having count(*) = 1 order by 1 limit ${count}`,
    );
    return rows.map(({ id, key, size }) => ({ id: String(id), key: String(key), size: Number(size) }));
  }
  const rowsOf = (id: string) =>
    ['dlfileversion', 'dlfileentry'].map((table) => `delete from lportal.${table} where fileentryid = ${id}`);

  /** Until what is written from now on has a later time than the moment of the database. */
  async function momentIsOver(runId: string): Promise<void> {
    const attempt = {
      projectId: project,
      environment: 'prd',
      backupId: runId,
      attempt: 1,
      location: source.environment.backups.location,
    };
    const dump = await service.provider.getDatabaseBackupMetadata(attempt);
    const library = service.provider.objectStore(`s3://${bucket}/library`);
    for (;;) {
      const now = await library.now?.();
      if (dump?.libraryTime === undefined || now === undefined) throw new Error('there is no moment');
      if (now.from > dump.libraryTime.to) return;
      await pause(50);
    }
  }

  it('is backed up as it was at the moment of the database, in the first attempt', async () => {
    const [deleted, replaced, uncommitted, kept] = await files(4);
    if (!deleted || !replaced || !uncommitted || !kept) throw new Error('there are too few files');
    await put('1/2/nobody-1/1.0', 'no row names it');
    const deleting = new pg.Client({ connectionString: source.databaseUrl });
    await deleting.connect();
    atStep = async ({ step, phase, runId }) => {
      // Liferay removes the object, and commits later: to the database the row is still there.
      if (step === 'backup.database.start' && phase === 'begin') {
        await deleting.query('begin');
        for (const statement of rowsOf(uncommitted.id)) await deleting.query(statement);
        await remove(uncommitted.key);
      }
      if (step !== 'backup.library.plan' || phase !== 'begin') return;
      await deleting.query('commit');
      await momentIsOver(runId);
      for (const statement of rowsOf(deleted.id)) await sql(statement);
      await remove(deleted.key);
      await put(replaced.key, 'x'.repeat(replaced.size + 7));
      await sql(
        `update lportal.dlfileversion set size_ = ${replaced.size + 7} where fileentryid = ${replaced.id}`,
      );
      await remove('1/2/nobody-1/1.0');
      await put('1/2/nobody-2/1.0', 'no row names it, and it came later');
    };
    const { run, manifest, certificate, sizes } = await backUp();
    await deleting.end();
    expect([run.state, run.error, manifest.attempt]).toEqual(['Succeeded', undefined, 1]);
    expect(manifest.consistency.strategy).toBe('exact');
    expect(certificate.counts).toMatchObject({ missing: 0, wrongSize: 0, introduced: 0 });
    expect(certificate.objects?.exact).toMatchObject({ deleted: 3, replaced: 1, later: 1 });
    for (const { key, size } of [deleted, replaced, uncommitted, kept]) expect(sizes.get(key)).toBe(size);
    expect(sizes.has('1/2/nobody-1/1.0')).toBe(true);
    expect(sizes.has('1/2/nobody-2/1.0')).toBe(false);
    expect((await verify(service, source, run.runId)).problems).toEqual([]);

    // The next one has it as it is by then, and copies nothing else again.
    atStep = async () => undefined;
    const next = await backUp();
    expect([next.run.state, next.manifest.base]).toEqual(['Succeeded', run.runId]);
    expect(next.manifest.units.documentLibrary?.copiedObjects).toBe(2);
    expect([deleted, uncommitted].some(({ key }) => next.sizes.has(key))).toBe(false);
    expect(next.sizes.get(replaced.key)).toBe(replaced.size + 7);
  });

  it('is copied again for nobody who has a backup of it without versions', async () => {
    const first = await backUp('databaseFirst');
    expect(first.manifest.consistency.strategy).toBe('databaseFirst');
    const next = await backUp();
    expect([next.manifest.consistency.strategy, next.manifest.base]).toEqual(['exact', first.run.runId]);
    expect(next.manifest.units.documentLibrary?.copiedObjects).toBe(0);
  });

  it('is told from one that keeps none', async () => {
    await uploadFolder(server, fixture.source.libraryFolder, 'plain', prefix);
    const inPlain = movedTo(source, { library: 's3://plain/library' });
    const asked = await runToEnd(service, backupRequest(inPlain, { consistency: 'exact' }));
    expect(asked).toMatchObject({
      state: 'Failed',
      error: { code: 'request.invalid', message: expect.stringContaining('Switch versioning on') },
    });
    source = inPlain;
    const { run, manifest } = await backUp();
    expect([run.state, manifest.consistency.strategy]).toEqual(['Succeeded', 'databaseFirst']);
    const inFolder = movedTo(fixture.source, {});
    const folder = await runToEnd(service, backupRequest(inFolder, { consistency: 'exact' }));
    expect(folder.error?.message).toMatch(/keeps no earlier versions/);
  });

  describe('while writers never stop', () => {
    let busy: BusyLiferay;
    beforeEach(() => {
      const { databaseUrl } = source;
      busy = startBusyLiferay({ databaseUrl, server, bucket, prefix });
    });

    it('is backed up with all that the database of each backup names, and restored so', {
      timeout: 300_000,
    }, async () => {
      const certificates: Certificate[] = [];
      let last: Awaited<ReturnType<typeof backUp>> | undefined;
      try {
        for (let count = 0; count < 4; count += 1) {
          last = await backUp('exact');
          expect([last.run.state, last.run.error, last.manifest.attempt]).toEqual([
            'Succeeded',
            undefined,
            1,
          ]);
          certificates.push(last.certificate);
        }
      } finally {
        await busy.stop();
      }
      for (const { counts } of certificates)
        expect(counts).toMatchObject({ missing: 0, wrongSize: 0, introduced: 0 });
      for (const [deed, count] of Object.entries(busy.done)) expect([deed, count > 0]).toEqual([deed, true]);
      const exact = certificates.flatMap(({ objects }) => objects?.exact ?? []);
      const sum = (of: 'deleted' | 'replaced' | 'later') => exact.reduce((total, one) => total + one[of], 0);
      expect(exact).toHaveLength(4);
      expect(sum('deleted') + sum('replaced') + sum('later')).toBeGreaterThan(0);

      if (last === undefined) throw new Error('there is no backup');
      const target = movedTo(fixture.newEnvironment('as-then'), { library: 's3://plain/restored' });
      const restored = await runToEnd(service, restoreRequest(source, last.run.runId, target));
      expect([restored.state, restored.error]).toEqual(['Succeeded', undefined]);
      const rows = await queryRows(
        target.databaseUrl,
        `select e.companyid || '/' || (case when e.folderid = 0 then e.repositoryid else e.folderid end) || '/' ||
           e.name || '/' || v.version as key, v.size_ as size
         from lportal.dlfileversion v join lportal.dlfileentry e on e.fileentryid = v.fileentryid
         where e.name like '${busyName}%'`,
      );
      expect(rows.length).toBeGreaterThan(10);
      for (const row of rows) {
        const [key, size] = [String(row.key), Number(row.size)];
        const object = { Bucket: 'plain', Key: `restored/${key}` };
        const { Body } = await server.client.send(new GetObjectCommand(object));
        const bytes = await Body?.transformToByteArray();
        expect(Buffer.from(bytes ?? []).equals(busyContent(key, size))).toBe(true);
      }
    });
  });
});
