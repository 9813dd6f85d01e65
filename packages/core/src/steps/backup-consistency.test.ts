import { describe, expect, it } from 'vitest';
import { type Certificate, certificateSchema } from '../consistency/certificate.ts';
import { readJson } from '../repository/json-artefact.ts';
import { backupPrefix, certificatePath, findingsPath } from '../repository/layout.ts';
import { backupRun } from '../testing/backup-run.ts';
import { type BackupWorld, backupWorld } from '../testing/backup-world.ts';
import { certifiedRun, type DumpedRows, fileVersionRow, takeAttempt } from '../testing/certified-backup.ts';
import { environment } from '../testing/library-backup.ts';
import { toArray, watched } from '../testing/streams.ts';
import { certifyBackup } from './backup-consistency.ts';
import { validateBackup } from './backup-validate.ts';

const prefix = backupPrefix(environment, certifiedRun.runId);
const input = { ...certifiedRun, units: ['database', 'documentLibrary'] as const };
const company = { schema: 'lportal', companyId: '20097', webId: null, mx: null, active_: true };
const [a, b, c] = ['20097/20121/401/1.0', '20097/20121/402/1.0', '20097/20121/403/1.0'];
const rowsOf = (...keys: readonly string[]) => ({
  rows: {
    Company: [company],
    DLFileVersion: keys.map((key, index) => fileVersionRow(key, { fileVersionId: String(index) })),
  },
});

async function libraryOf(...keys: readonly string[]): Promise<BackupWorld> {
  const world = backupWorld(backupRun());
  for (const key of keys) await world.library.put(key, Buffer.from('x'));
  return world;
}

const certificateOf = ({ backups }: BackupWorld): Promise<Certificate> =>
  readJson(backups, prefix + certificatePath(1), certificateSchema);

describe('certifying a backup of an exact moment', () => {
  const keystore = '20097/0/saml/keystore.jks/1.0';
  const before = Buffer.from('x');

  async function world(...keys: readonly string[]): Promise<BackupWorld> {
    const made = backupWorld(backupRun(), { versions: true });
    for (const key of keys) await made.library.put(key, before);
    return made;
  }
  async function take(made: BackupWorld, rows: DumpedRows, afterDump: () => Promise<void>) {
    const libraryTime = await made.library.now?.();
    const dump = libraryTime === undefined ? {} : { libraryTime };
    return takeAttempt(made, { ...rows, dump }, { exact: true, afterDump });
  }

  it('has what was deleted, replaced and added since as it was, and says so', async () => {
    const made = await world(a, b, keystore);
    const { plan } = await take(made, rowsOf(a, b), async () => {
      await made.library.deleteMany([{ key: a }]);
      await made.library.put(b, Buffer.from('another'));
      await made.library.put(keystore, Buffer.from('another'));
      await made.library.put(c, before);
    });
    expect(plan.exact).toMatchObject({ deleted: 1, replaced: 2, later: 1, healed: 0 });
    expect((await certifyBackup(input, made.context)).verdict).toBe('consistent');
    expect((await certificateOf(made)).objects?.exact).toEqual(plan.exact);
    const { checks } = await validated(made);
    expect(checks).toEqual([]);
  });

  it('has what no row names and of which only a later version is left', async () => {
    const made = await world(a, keystore);
    const [first] = await toArray(made.library.listVersions?.({ prefix: keystore }) ?? watched([]));
    const { plan } = await take(made, rowsOf(a), async () => {
      await made.library.put(keystore, Buffer.from('another'));
      await made.library.deleteMany([{ key: keystore, version: first?.version ?? '' }]);
    });
    expect(plan).toMatchObject({ objects: 2, exact: { later: 0 } });
    expect((await validated(made)).checks).toEqual([]);
  });

  it('fails the check of the source where something of which no version is left had been listed before', async () => {
    const made = await world(a, keystore);
    const [first] = await toArray(made.library.listVersions?.({ prefix: keystore }) ?? watched([]));
    await take(made, rowsOf(a), () =>
      made.library.deleteMany([{ key: keystore, version: first?.version ?? '' }]),
    );
    const { failures } = await validated(made);
    expect(failures).toMatchObject([
      { unit: 'documentLibrary', error: { message: expect.stringContaining('no version'), retryable: true } },
    ]);
  });

  it('is not to blame for what a row misses and that came later with another size', async () => {
    const made = await world(a);
    await take(made, { rows: { DLFileVersion: [fileVersionRow(a), fileVersionRow(b)] } }, async () => {
      await made.library.put(b, Buffer.from('of another size'));
    });
    expect((await certifyBackup(input, made.context)).verdict).toBe('consistentWithSourceDrift');
    expect((await certificateOf(made)).counts).toMatchObject({ missing: 1, introduced: 0 });
  });

  /** Of the library alone; what failed. */
  async function validated(made: BackupWorld) {
    const { failures } = await validateBackup({ ...certifiedRun, units: ['documentLibrary'] }, made.context);
    return { failures, checks: failures.map(({ error }) => error.message) };
  }
});

describe('certifying a backup', () => {
  it('says what it compared, and the same bytes when it is repeated', async () => {
    const world = await libraryOf(a, b);
    const { dump, plan } = await takeAttempt(world, rowsOf(a, b, c));
    const output = await certifyBackup(input, world.context);
    expect(output).toEqual({ verdict: 'consistentWithSourceDrift', failures: [], problem: null });
    const certificate = await certificateOf(world);
    expect(certificate).toMatchObject({
      rows: { from: 'dump', exact: true, moment: dump.snapshotTime },
      objects: { from: 'index', location: plan.source, listed: { from: plan.listedFrom, to: plan.listedTo } },
      before: { from: 'listing', objects: 2 },
      counts: { expected: 3, found: 2, matching: 2, missing: 1, introduced: 0 },
      findings: { rows: 1 },
    });
    expect(certificate.first.missing?.map(({ key }) => key)).toEqual([c]);
    const files = [certificatePath(1), findingsPath(1)].map((path) => prefix + path);
    const before = files.map((file) => world.backups.bytes(file));
    expect(await certifyBackup(input, world.context)).toEqual(output);
    expect(files.map((file) => world.backups.bytes(file))).toEqual(before);
    expect(world.backups.openBodies).toBe(0);
  });

  it.each(['afterDump', 'afterPlan'] as const)(
    'has a problem that may pass with what went %s',
    async (when) => {
      const world = await libraryOf(a, b);
      await takeAttempt(world, rowsOf(a, b), { [when]: () => world.library.deleteMany([{ key: b }]) });
      const { verdict, problem } = await certifyBackup(input, world.context);
      expect([verdict, problem?.code, problem?.retryable]).toEqual([
        'inconsistent',
        'consistency.inconsistent',
        true,
      ]);
      expect(problem?.message).toContain(b);
    },
  );

  it('knows every object that vanished, not only the first hundred', async () => {
    const keys = Array.from({ length: 130 }, (_, number) => `20097/20121/${1000 + number}/1.0`);
    const world = await libraryOf(...keys);
    await takeAttempt(world, rowsOf(...keys), {
      afterPlan: () => world.library.deleteMany(keys.map((key) => ({ key }))),
    });
    await certifyBackup(input, world.context);
    expect((await certificateOf(world)).counts).toMatchObject({ missing: 130, introduced: 130 });
  });

  it('misses no generated file that was left out on demand', async () => {
    const preview = '20097/0/document_preview/1/1.png';
    const backup = backupRun();
    const source = {
      ...backup.request.source,
      documentLibrary: { location: 'memory://library', excludeGeneratedFiles: true },
    };
    const world = backupWorld({ ...backup, request: { ...backup.request, source } });
    for (const key of [a, preview]) await world.library.put(key, Buffer.from('x'));
    await takeAttempt(world, rowsOf(preview, a));
    await certifyBackup(input, world.context);
    const certificate = await certificateOf(world);
    expect(certificate).toMatchObject({ verdict: 'consistent', counts: { excused: 1, found: 1 } });
    expect(certificate.rules.join()).toContain('left out on demand');
  });

  it('counts rows that name no object, and takes no size from a row of Image', async () => {
    const image = {
      schema: 'lportal',
      imageId: '7',
      ctCollectionId: '0',
      companyId: '20097',
      type_: 'png',
      height: 1,
      width: 1,
      size_: 999,
      modifiedDate: null,
      key: '20097/0/7.png/1.0',
    };
    const world = await libraryOf(a, image.key);
    const { rows } = rowsOf(a);
    const DLFileVersion = [fileVersionRow(null), ...rows.DLFileVersion];
    await takeAttempt(world, { rows: { ...rows, DLFileVersion, Image: [image] } });
    expect((await certifyBackup(input, world.context)).verdict).toBe('consistent');
    expect((await certificateOf(world)).counts).toMatchObject({ rows: 3, rowsWithoutKey: 1, matching: 2 });
  });

  it.each([
    ['databaseStore', [], { ...rowsOf(a), tables: [{ table: 'DLContent', rows: 4 }] }, '4 rows of DLContent'],
    ['noLibraryTables', [a], { rows: {} }, 'DLFileVersion'],
    ['otherLayout', ['20097/20121/40/401.afsh/401_1.0.afsh'], rowsOf(a), 'AdvancedFileSystemStore'],
    ['otherLayout', [`document_library/${a}`], rowsOf(a), 'memory://library/document_library'],
  ] as const)('compares nothing where it would read wrongly: %s', async (code, keys, dumped, message) => {
    const world = await libraryOf(...keys);
    await takeAttempt(world, dumped);
    expect(await certifyBackup(input, world.context)).toMatchObject({
      verdict: 'notApplicable',
      problem: null,
    });
    expect((await certificateOf(world)).reason).toEqual({ code, message: expect.stringContaining(message) });
  });

  it('has nothing to compare in a backup of one unit', async () => {
    const world = await libraryOf(a);
    await certifyBackup({ ...input, units: ['documentLibrary'] }, world.context);
    expect(await certificateOf(world)).toMatchObject({
      verdict: 'notApplicable',
      reason: { code: 'oneUnit' },
    });
  });

  it('calls rows exact only where the snapshot of the dump covers them', async () => {
    const world = await libraryOf(a);
    const myIsam = { schema: 'lportal', table: 'dlfileversion', storageEngine: 'MyISAM' };
    await takeAttempt(world, { ...rowsOf(a), dump: { moment: 'near', nonTransactional: [myIsam] } });
    await certifyBackup(input, world.context);
    const { rows } = await certificateOf(world);
    expect(rows).toMatchObject({ exact: false, nonTransactional: [myIsam] });
    expect(rows?.caveats).toEqual([
      expect.stringContaining('near that of the dump'),
      expect.stringContaining('dlfileversion (MyISAM)'),
    ]);
  });

  it('judges no object of a company whose schema was left out', async () => {
    const other = '777/888/1/1.0';
    const world = await libraryOf(a, other);
    await takeAttempt(world, { ...rowsOf(a), dump: { leftOut: { schemas: ['lpartition_777'], data: [] } } });
    await certifyBackup(input, world.context);
    expect(await certificateOf(world)).toMatchObject({ verdict: 'consistent', counts: { excused: 1 } });
  });

  it('tells which unit is damaged', async () => {
    const world = await libraryOf(a);
    const { dump } = await takeAttempt(world, rowsOf(a));
    const files = {
      database: prefix + (dump.libraryRows[1]?.path ?? ''),
      documentLibrary:
        world.backups.keys(`${prefix}attempts/1/library/index-`).find((key) => key.endsWith('.zst')) ?? '',
    };
    for (const [unit, file] of Object.entries(files)) {
      const good = world.backups.bytes(file);
      world.backups.tamper(file, (bytes) => bytes.subarray(0, -1));
      expect(await certifyBackup(input, world.context)).toMatchObject({
        failures: [{ unit, error: { code: 'integrity.mismatch' } }],
        problem: null,
      });
      world.backups.tamper(file, () => good);
    }
    expect((await certifyBackup(input, world.context)).failures).toEqual([]);
  });

  it('finds rows that are not sorted', async () => {
    const world = await libraryOf(a);
    await takeAttempt(world, rowsOf(b, a));
    expect(await certifyBackup(input, world.context)).toMatchObject({
      failures: [{ unit: 'database', error: { code: 'consistency.rowsUnsorted' } }],
    });
  });
});
