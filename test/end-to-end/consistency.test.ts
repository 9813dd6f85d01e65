import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import {
  type Certificate,
  certifyRestore,
  type Finding,
  type Manifest,
  openManifest,
  readCertificate,
  readFindings,
} from '@lcb/core';
import type { LocalService, OwnerEvent } from '@lcb/functions-local';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { compareEnvironments } from '../compare/index.ts';
import {
  backupRequest,
  type LocalFixture,
  localFixture,
  type PlacedEnvironment,
  project,
  restoreRequest,
} from '../support/local-fixture.ts';
import { verify } from '../support/repository.ts';
import { runToEnd } from '../support/run-to-end.ts';

describe('the certificate of a backup', () => {
  let fixture: LocalFixture;
  let service: LocalService;
  let source: PlacedEnvironment;
  /** What happens at the source when a step begins or has ended. */
  let atStep: (event: Extract<OwnerEvent, { kind: 'step' }>) => Promise<void> | void;
  // Each test spoils its source in its own way.
  beforeEach(async () => {
    atStep = () => undefined;
    fixture = await localFixture();
    source = fixture.source;
    service = await fixture.open(await fixture.settings(), async (event) => {
      if (event.kind === 'step') await atStep(event);
    });
  });
  afterEach(async () => {
    await service.close();
    await fixture.remove();
  });

  async function backUp(mode: 'full' | 'incremental' = 'incremental') {
    const run = await runToEnd(service, backupRequest(source, { mode }));
    const store = service.provider.objectStore(source.environment.backups.location);
    const ref = { projectId: project, environment: 'prd' };
    const { value: manifest } = await openManifest(store, ref, run.runId, await service.trustedKeys());
    const certificate = await readCertificate(store, ref, manifest);
    if (certificate === undefined) throw new Error('it has no certificate');
    const findings: Finding[] = [];
    for await (const finding of readFindings(store, ref, run.runId, certificate)) findings.push(finding);
    return { run, manifest, certificate, findings };
  }

  async function sql(text: string, values: readonly unknown[] = []): Promise<Record<string, unknown>[]> {
    const client = new pg.Client({ connectionString: source.databaseUrl });
    await client.connect();
    try {
      return (await client.query(text, [...values])).rows;
    } finally {
      await client.end();
    }
  }

  const pathOf = (key: string) => join(source.libraryFolder, key);

  async function put(key: string, bytes: string): Promise<void> {
    await mkdir(dirname(pathOf(key)), { recursive: true });
    await writeFile(pathOf(key), bytes);
  }

  /** Keys of objects that production expects, one per file entry. */
  async function keys(count: number): Promise<string[]> {
    const rows = await sql(
      `select distinct on (e.fileentryid) e.companyid || '/' ||
         (case when e.folderid = 0 then e.repositoryid else e.folderid end) || '/' || e.name || '/' || v.version ||
         coalesce('~' || nullif(v.storeuuid, ''), '') as key
       from lportal.dlfileversion v join lportal.dlfileentry e
         on e.fileentryid = v.fileentryid and e.ctcollectionid = v.ctcollectionid
       where v.ctcollectionid = 0 and v.size_ > 0 order by e.fileentryid limit $1`,
      [count],
    );
    return rows.map(({ key }) => String(key));
  }

  const summary = (findings: readonly Finding[]) =>
    findings.map(({ kind, blame, key }) => `${kind} ${blame} ${key}`).sort();

  it('says that an environment fits, from which moment, and is part of what is verified', async () => {
    const { run, manifest, certificate, findings } = await backUp();
    expect(run.state).toBe('Succeeded');
    expect(certificate).toMatchObject({ verdict: 'consistent', rows: { from: 'dump', exact: true } });
    expect(findings).toEqual([]);
    expect(certificate.counts.matching).toBe(certificate.counts.expected);
    expect(certificate.counts.expected).toBeGreaterThan(20);
    expect(certificate.counts.publicationRows).toBeGreaterThan(0);
    expect(certificate.counts.generated).toBeGreaterThan(0);
    expect(certificate.rows?.moment).toEqual(manifest.dataTime);
    expect(manifest.consistency.certificate).toMatchObject({
      verdict: 'consistent',
      counts: certificate.counts,
    });
    expect((await verify(service, source, run.runId)).problems).toEqual([]);
  });

  it('names every drift of the source and nothing else, and succeeds with a warning', {
    timeout: 180_000,
  }, async () => {
    const before = await backUp();
    const [gone = '', cut = '', grown = '', never = ''] = await keys(4);
    const company = gone.split('/')[0] ?? '';
    const rogue = `${company}/${gone.split('/')[1]}/999999/1.0`;
    await rm(pathOf(gone));
    await put(cut, '');
    await put(grown, 'x'.repeat(200_000));
    await put(rogue, 'nobody knows me');
    await put(`${company}/0/424242.png/1.0`, 'a logo that no row has');
    await put('777/888/1/1.0', 'of a company that is gone');
    await put(`${company}/readme.txt`, 'by hand');
    // A preview, and a file that Liferay keeps for itself: no drift.
    await put(`${company}/0/document_preview/1/2/3.png`, 'made again');
    await put(`${company}/0/saml/other.jks`, 'keys');
    await rm(pathOf(never));
    const wanted = [
      `missing source ${gone}`,
      `missing source ${never}`,
      `wrongSize source ${cut}`,
      `wrongSize source ${grown}`,
      `unreferenced source ${rogue}`,
      `unreferenced source ${company}/0/424242.png/1.0`,
      'unknownCompany source 777/888/1/1.0',
      `otherLayout source ${company}/readme.txt`,
    ].sort();

    const drifted = await backUp();
    expect(drifted.run.state).toBe('Succeeded');
    expect(drifted.certificate.verdict).toBe('consistentWithSourceDrift');
    expect(summary(drifted.findings)).toEqual(wanted);
    const missing = drifted.findings.find(({ key }) => key === gone);
    expect(missing).toMatchObject({ lastBackup: before.run.runId, row: { table: 'DLFileVersion' } });
    expect((await verify(service, source, drifted.run.runId)).problems).toEqual([]);
    // A full backup of the same says the same, but for where the lost files are to be had.
    const full = await backUp('full');
    expect(summary(full.findings)).toEqual(wanted);

    // The drift is carried through a restore, and the restore is not blamed for it.
    const target = fixture.newEnvironment('drifted');
    expect((await runToEnd(service, restoreRequest(source, drifted.run.runId, target))).state).toBe(
      'Succeeded',
    );
    expect((await compareEnvironments({ a: source, b: target })).differences).toEqual([]);
    const restored = await certifyTarget(drifted.manifest, target);
    expect(restored.verdict).toBe('consistentWithSourceDrift');
    expect(restored.counts).toMatchObject({ missing: 2, wrongSize: 2, unreferenced: 2, introduced: 0 });
    await rm(join(target.libraryFolder, rogue));
    const [lost = ''] = (await keys(9)).slice(5);
    await rm(join(target.libraryFolder, lost));
    const spoilt = await certifyTarget(drifted.manifest, target);
    expect(spoilt.verdict).toBe('inconsistent');
    expect(spoilt.first.missing?.filter(({ blame }) => blame === 'restore').map(({ key }) => key)).toEqual([
      lost,
    ]);
  });

  /** Does something at the source whenever this step begins or has ended, for as long as it answers. */
  function whenever(step: string, phase: 'begin' | 'end', act: (attempt: number) => Promise<void>): void {
    atStep = async (event) => {
      if (event.step !== step || event.phase !== phase) return;
      await act(z.object({ attempt: z.number() }).parse(event.input).attempt);
    };
  }

  it.each([
    ['between the first listing and the moment of the database', 'backup.library.prelist', 'end'],
    ['between the moment of the database and the listing', 'backup.library.plan', 'begin'],
    ['between the listing and the copy', 'backup.library.plan', 'end'],
  ] as const)(
    'an object that is deleted %s fails that attempt, and the next one fits',
    async (_when, step, phase) => {
      const [, key = ''] = await keys(2);
      whenever(step, phase, async (attempt) => {
        if (attempt === 1) await rm(pathOf(key));
      });
      const { run, manifest, certificate, findings } = await backUp('full');
      expect(run.state).toBe('Succeeded');
      expect(manifest.attempt).toBe(2);
      // To the second attempt it was gone from the beginning: the row that is left is a drift of the source.
      expect(certificate.verdict).toBe('consistentWithSourceDrift');
      expect(summary(findings)).toEqual([`missing source ${key}`]);
      expect((await verify(service, source, run.runId)).problems).toEqual([]);
    },
  );

  it('an object whose row is deleted with it, as Liferay does it, is no drift in the next attempt', async () => {
    const [key = ''] = await keys(1);
    whenever('backup.library.plan', 'begin', async (attempt) => {
      if (attempt === 1) await deleteFile(key);
    });
    const { run, manifest, certificate } = await backUp();
    expect([run.state, manifest.attempt, certificate.verdict]).toEqual(['Succeeded', 2, 'consistent']);
  });

  it('an object that is replaced by one of another size after the moment of the database fails that attempt', async () => {
    const [key = ''] = await keys(1);
    whenever('backup.library.plan', 'end', async (attempt) => {
      if (attempt === 1) await put(key, 'x'.repeat(200_000));
    });
    const { manifest, findings } = await backUp();
    expect(manifest.attempt).toBe(2);
    expect(summary(findings)).toEqual([`wrongSize source ${key}`]);
  });

  it('what is deleted in every attempt makes a backup Failed, of which each unit can be restored alone', {
    timeout: 300_000,
  }, async () => {
    const doomed = await keys(3);
    whenever('backup.library.plan', 'begin', async (attempt) => {
      await deleteFile(doomed[attempt - 1] ?? '');
    });
    const { run, manifest, certificate, findings } = await backUp();
    expect(run).toMatchObject({
      state: 'Failed',
      error: { code: 'consistency.inconsistent', message: expect.stringContaining(doomed[2] ?? '-') },
      units: { database: { usable: true }, documentLibrary: { usable: true } },
    });
    expect(manifest.attempt).toBe(3);
    expect([certificate.verdict, manifest.consistency.certificate?.verdict]).toEqual([
      'inconsistent',
      'inconsistent',
    ]);
    expect(summary(findings)).toEqual([`missing backup ${doomed[2]}`]);
    expect((await verify(service, source, run.runId)).problems).toEqual([]);

    const target = fixture.newEnvironment('misfit');
    const both = restoreRequest(source, run.runId, target);
    expect(await runToEnd(service, both)).toMatchObject({
      state: 'Failed',
      error: { code: 'restore.backupInconsistent' },
    });
    for (const unit of ['database', 'documentLibrary'] as const) {
      const alone = { ...restoreRequest(source, run.runId, target), units: [unit] };
      expect((await runToEnd(service, alone)).state).toBe('Succeeded');
    }
    expect(
      (await compareEnvironments({ a: source, b: target })).differences.map(({ kind }) => kind),
    ).not.toEqual([]);
    // It is no base: the next backup copies everything and fits.
    atStep = () => undefined;
    const next = await backUp();
    expect([next.run.state, next.certificate.verdict, next.manifest.base]).toEqual([
      'Succeeded',
      'consistent',
      null,
    ]);
  });

  it('people who never stop to upload do not keep a backup from fitting', async () => {
    const [template = ''] = await keys(1);
    let uploaded = 0;
    let stopped = false;
    async function writer() {
      while (!stopped) {
        uploaded += 1;
        await uploadVersion(template, `${uploaded + 100}.0`, 'new');
      }
    }
    const writing = writer();
    const { run, certificate } = await backUp();
    stopped = true;
    await writing;
    expect(uploaded).toBeGreaterThan(0);
    expect([run.state, certificate.counts.introduced, certificate.counts.missing]).toEqual([
      'Succeeded',
      0,
      0,
    ]);
    const rows = certificate.counts.expected;
    const later = await backUp();
    expect(later.certificate.verdict).toBe('consistent');
    expect(later.certificate.counts.expected).toBeGreaterThanOrEqual(rows);
  });

  it('two backups of a quiet source say the same, and a library or a database alone has nothing to be compared with', async () => {
    const { certificate } = await backUp();
    const again = await backUp();
    expect(again.certificate.counts).toEqual(certificate.counts);
    const request = { ...backupRequest(source), units: ['database' as const] };
    const run = await runToEnd(service, request);
    const store = service.provider.objectStore(source.environment.backups.location);
    const ref = { projectId: project, environment: 'prd' };
    const { value } = await openManifest(store, ref, run.runId, await service.trustedKeys());
    expect(await readCertificate(store, ref, value)).toMatchObject({
      verdict: 'notApplicable',
      reason: { code: 'oneUnit' },
    });
  });

  /** The file first, the row after it: as Liferay uploads. */
  async function uploadVersion(template: string, version: string, bytes: string): Promise<void> {
    const [company = '', repository = '', name = ''] = template.split('/');
    await put(`${company}/${repository}/${name}/${version}`, bytes);
    await sql(
      `insert into lportal.dlfileversion (fileversionid, fileentryid, companyid, ctcollectionid, version, size_, storeuuid, createdate, modifieddate)
       select (select max(fileversionid) + 1 from lportal.dlfileversion), fileentryid, companyid, 0, $3, $4, null,
         (now() at time zone 'utc'), (now() at time zone 'utc')
       from lportal.dlfileentry where companyid = $1 and name = $2 and ctcollectionid = 0`,
      [company, name, version, bytes.length],
    );
  }

  /** Row and object. */
  async function deleteFile(key: string): Promise<void> {
    const [company = '', , name = '', label = ''] = key.split('/');
    await sql(
      `delete from lportal.dlfileversion where version = $3 and fileentryid in
         (select fileentryid from lportal.dlfileentry where companyid = $1 and name = $2)`,
      [company, name, label.split('~')[0]],
    );
    await rm(pathOf(key));
  }

  /** As a restore of both units will: the rows of the backup are those of the database that was loaded from it. */
  async function certifyTarget(manifest: Manifest, target: PlacedEnvironment): Promise<Certificate> {
    const store = service.provider.objectStore(source.environment.backups.location);
    const dump = await service.provider.getDatabaseBackupMetadata({
      projectId: project,
      environment: 'prd',
      backupId: manifest.backupId,
      attempt: manifest.attempt,
      location: source.environment.backups.location,
    });
    const prefix = `${project}/prd/backups/${manifest.backupId}/`;
    return certifyRestore({
      place: { store, prefix: 'certificates/', path: 'consistency.json', findingsPath: 'findings.jsonl.zst' },
      rows: { store, prefix, artefacts: dump?.libraryRows ?? [] },
      rowsSource: { from: 'restoredDatabase', exact: true, caveats: [], moment: manifest.dataTime },
      library: service.provider.objectStore(target.environment.documentLibrary?.location ?? ''),
      backup: { projectId: project, environment: 'prd', store, manifest },
      isExcused: () => false,
      clock: { now: () => new Date().toISOString() },
      signal: new AbortController().signal,
    });
  }
});
