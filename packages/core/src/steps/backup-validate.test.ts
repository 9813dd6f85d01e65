import { beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { LcbError } from '../errors/lcb-error.ts';
import type { DatabaseDump } from '../ports/database-engine.ts';
import type { ObjectStore } from '../ports/object-store.ts';
import { writeJsonArtefact } from '../repository/json-artefact.ts';
import { backupPrefix, checksPath, libraryPlanPath } from '../repository/layout.ts';
import { checkSchema } from '../repository/manifest.ts';
import { backupRun } from '../testing/backup-run.ts';
import { type BackupWorld, backupWorld } from '../testing/backup-world.ts';
import { FaultyStore } from '../testing/faulty-store.ts';
import { environment } from '../testing/library-backup.ts';
import { type SealedBackup, sealBackup } from '../testing/sealed-backup.ts';
import { isWarning } from '../validation/check.ts';
import { validateBackup } from './backup-validate.ts';

const run = { runId: 'retail-prd-backup-20251109-143000', projectId: 'retail' };
const prefix = backupPrefix(environment, run.runId);
const at = '2025-11-09T14:30:00.000Z';

describe('validating a backup before its seal', () => {
  let world: BackupWorld;
  let made: SealedBackup;
  let faulty: FaultyStore;
  let dump: DatabaseDump | undefined;

  beforeEach(async () => {
    const open = (store: ObjectStore) => {
      faulty = new FaultyStore(store);
      return faulty;
    };
    world = backupWorld(backupRun(), {
      backups: open,
      provider: { getDatabaseBackupMetadata: async () => dump },
    });
    for (const key of ['a', 'b', 'c']) await world.library.put(key, Buffer.from(`bytes of ${key}`));
    made = await sealBackup({
      source: world.library,
      backups: world.backups,
      backupId: run.runId,
      signer: world.signer,
    });
    dump = made.dump;
    const plan = {
      source: 'memory://library',
      base: null,
      listedFrom: at,
      listedTo: at,
      ...made.library.plan,
    };
    await writeJsonArtefact(world.backups, prefix, libraryPlanPath(1), plan);
  });

  const validate = () =>
    validateBackup({ ...run, attempt: 1, units: ['database', 'documentLibrary'] }, world.context);
  const shorten = (path: string) => world.backups.tamper(prefix + path, (bytes) => bytes.subarray(0, -1));

  it('finds nothing wrong with a good one', async () => {
    expect(await validate()).toEqual({ checks: 13, failures: [] });
  });

  it('fails the database, and not the library, when something of the dump is damaged or gone', async () => {
    for (const { path } of [...made.dump.parts, made.dump.tables]) {
      const good = world.backups.bytes(prefix + path);
      shorten(path);
      expect((await validate()).failures, path).toMatchObject([
        { unit: 'database', error: { code: 'validation.failed', message: expect.stringContaining(path) } },
      ]);
      await world.backups.deleteMany([{ key: prefix + path }]);
      expect((await validate()).failures, path).toMatchObject([
        { unit: 'database', error: { message: expect.stringContaining(path) } },
      ]);
      await world.backups.put(prefix + path, good);
    }
  });

  it('fails the library, and not the database, when its index is damaged or gone', async () => {
    for (const { path } of made.library.index.parts) {
      const good = world.backups.bytes(prefix + path);
      shorten(path);
      expect((await validate()).failures, path).toMatchObject([
        { unit: 'documentLibrary', error: { message: expect.stringContaining(path) } },
      ]);
      await world.backups.deleteMany([{ key: prefix + path }]);
      expect((await validate()).failures, path).toMatchObject([{ unit: 'documentLibrary' }]);
      await world.backups.put(prefix + path, good);
    }
  });

  it('fails the library when a copy is damaged or gone', async () => {
    world.backups.tamper(`${prefix}objects/b`, () => Buffer.from('other of b'));
    expect((await validate()).failures).toMatchObject([
      { unit: 'documentLibrary', error: { message: expect.stringContaining('"b"') } },
    ]);
    await world.backups.deleteMany([{ key: `${prefix}objects/b` }]);
    expect((await validate()).failures).toMatchObject([
      { unit: 'documentLibrary', error: { message: expect.stringContaining('objects/b') } },
    ]);
  });

  it('may be passed by another attempt where an old object came meanwhile, and by none where copies are gone', async () => {
    await world.library.put('d', Buffer.from('old'), { lastModified: '2020-01-01T00:00:00.000Z' });
    expect((await validate()).failures).toMatchObject([
      {
        unit: 'documentLibrary',
        error: { message: expect.stringContaining('library.source'), retryable: true },
      },
    ]);
    await world.backups.deleteMany([{ key: `${prefix}objects/b` }]);
    expect((await validate()).failures).toMatchObject([
      { unit: 'documentLibrary', error: { retryable: false } },
    ]);
  });

  it('fails the database that has not the tables of Liferay, or other counts than its source', async () => {
    const wrong: readonly (readonly [Partial<DatabaseDump>, string])[] = [
      [{ sequences: { count: 1, sourceCount: 2 } }, 'database.sequences'],
      [{ largeObjects: { count: 1, sourceCount: 2 } }, 'database.largeObjects'],
      [{ bytes: 0 }, 'database.dumpSize'],
      [{ statements: { parsed: 0, kinds: {}, unrecognised: { count: 0 } } }, 'database.statements'],
      [
        { statements: { parsed: 3, kinds: { SET: 1 }, unrecognised: { count: 2, first: 'HELLO' } } },
        '2 of 3 are none, such as "HELLO"',
      ],
      [{ tables: { ...made.dump.tables, count: 3 } }, 'database.rowCounts'],
    ];
    for (const [change, check] of wrong) {
      dump = { ...made.dump, ...change };
      expect((await validate()).failures).toMatchObject([
        { unit: 'database', error: { message: expect.stringContaining(check) } },
      ]);
    }
  });

  it('fails the library when any copy is missing or has another size, though the sample may not have it', async () => {
    faulty.liesInListings((infos) => infos.filter(({ key }) => key !== `${prefix}objects/c`));
    expect((await validate()).failures).toMatchObject([
      {
        unit: 'documentLibrary',
        error: { message: expect.stringContaining(`1 are not: backups/${run.runId}/objects/c is not there`) },
      },
    ]);
    faulty.liesInListings((infos) =>
      infos.map((info) => (info.key === `${prefix}objects/c` ? { ...info, size: 3 } : info)),
    );
    expect((await validate()).failures).toMatchObject([
      { error: { message: expect.stringContaining('has 3 bytes instead of 10') } },
    ]);
  });

  it('fails the library that lacks an old object of the source, and takes what came meanwhile for granted', async () => {
    await world.library.put('new', Buffer.from('x'), { lastModified: '2025-11-09T14:31:00.000Z' });
    await world.library.deleteMany([{ key: 'a' }]);
    expect((await validate()).failures).toEqual([]);
    await world.library.put('old', Buffer.from('x'), { lastModified: '2025-11-01T00:00:00.000Z' });
    expect((await validate()).failures).toMatchObject([
      {
        unit: 'documentLibrary',
        error: { message: expect.stringContaining('1 objects of 1 bytes differ, such as "old"') },
      },
    ]);
  });

  it('warns of a dump of another size than the last ones, and of one that nobody parsed, and fails nothing', async () => {
    const bytes = made.dump.bytes * 5;
    const earlier = [bytes, bytes * 2, bytes].map((size) =>
      backupRun({ state: 'Succeeded', status: { database: { state: 'Succeeded', bytes: size } } }),
    );
    world = {
      ...world,
      context: { ...world.context, catalog: backupWorld(backupRun(), { earlier }).context.catalog },
    };
    const { statements: _statements, ...unparsed } = made.dump;
    dump = unparsed;
    expect((await validate()).failures).toEqual([]);
    const checks = z
      .array(checkSchema)
      .parse(JSON.parse(String(world.backups.bytes(prefix + checksPath(1)))));
    expect(checks.filter(isWarning).map(({ name }) => name)).toEqual([
      'database.dumpSize',
      'database.statements',
    ]);
  });

  it('fails the unit of which no description is left', async () => {
    dump = undefined;
    expect((await validate()).failures).toMatchObject([{ unit: 'database' }]);
  });

  it('throws what the store says when it can not be read: not knowing is neither passing nor failing', async () => {
    const error = new LcbError({ code: 'objectStore.unavailable', message: 'later', retryable: true });
    faulty.fail('get', 1, error, prefix + (made.library.index.parts[0]?.path ?? ''));
    await expect(validate()).rejects.toBe(error);
  });
});
