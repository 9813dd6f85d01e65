import { appendFile, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { environmentSchema, restoreRequestSchema } from '@lcb/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { backupRequest, replacingRequest, restoreRequest } from '../support/local-fixture.ts';
import { filesBelow, folderOf } from '../support/repository.ts';
import { type RestoreLab, restoreLab } from '../support/restore-lab.ts';

let lab: RestoreLab;
beforeAll(async () => {
  lab = await restoreLab();
});
afterAll(async () => {
  await lab?.close();
});

describe('a restore in place', () => {
  it('leaves nothing of what was there, after a safety backup of it', async () => {
    const living = await lab.livingEnvironment('in-place');
    await writeFile(join(living.libraryFolder, 'left over.txt'), 'nobody knows this file');
    const run = await lab.restoring(replacingRequest(lab.source, lab.backupId, living));
    expect(run).toMatchObject({ state: 'Succeeded', units: { database: { state: 'Succeeded' } } });
    expect(await lab.differences(lab.source, living)).toEqual([]);
    expect(run.result?.removedObjects).toBeGreaterThan(0);
    // The way back is a backup like any other.
    const before = await lab.asItWas('in-place-before', living, run.result?.safetyBackupId ?? '');
    expect(await filesBelow(before.libraryFolder)).toContain('left over.txt');
    expect(await lab.query(before, 'SELECT id FROM added_later')).toEqual([{ id: 1 }]);
    // Nothing that the restore worked with is left beside the backups.
    const files = await filesBelow(folderOf(lab.source.environment.backups.location));
    const ofRestores = files.filter((file) => file.includes('/restores/'));
    expect(ofRestores.filter((file) => !/\/consistency(-findings\.jsonl\.zst|\.json)$/.test(file))).toEqual(
      [],
    );
  });

  it('copies only what differs when it goes back where the backup is from', async () => {
    const own = await lab.livingEnvironment('own');
    const id = (await lab.succeeding(backupRequest(own))).runId;
    const [victim = '', changed = '', untouched = ''] = await filesBelow(own.libraryFolder);
    const file = await stat(join(own.libraryFolder, untouched));
    await rm(join(own.libraryFolder, victim));
    await appendFile(join(own.libraryFolder, changed), 'more');
    const run = await lab.restoring(
      replacingRequest(own, id, own, { safetyBackup: { kind: 'refused' }, units: ['documentLibrary'] }),
    );
    expect(run).toMatchObject({ state: 'Succeeded' });
    expect(run.result?.safetyBackupId).toBeUndefined();
    // The very same file: nothing was written in its place.
    expect((await stat(join(own.libraryFolder, untouched))).ino).toBe(file.ino);
    expect(await lab.differences(own, await lab.asItWas('own-was', own, id))).toEqual([]);
  });

  it('that fails half-way is rolled back: the environment is as it was', async () => {
    const living = await lab.livingEnvironment('rolled-back');
    const damaged = await lab.damagedBackup();
    const run = await lab.restoring(replacingRequest(lab.source, damaged, living));
    expect(run).toMatchObject({
      state: 'Failed',
      error: { code: 'integrity.mismatch', message: expect.stringContaining('rolled back') },
      result: { rolledBack: true },
    });
    const before = await lab.asItWas('rolled-back-before', living, run.result?.safetyBackupId ?? '');
    expect(await lab.differences(before, living)).toEqual([]);
    expect(
      await lab.query(
        living,
        'SELECT count(*)::int AS n FROM pg_largeobject_metadata WHERE oid IN (990001, 990002)',
      ),
    ).toEqual([{ n: 2 }]);
  });

  it('without a safety backup says what state the environment is in when it fails', async () => {
    const living = await lab.livingEnvironment('no-way-back');
    const damaged = await lab.damagedBackup();
    const request = replacingRequest(lab.source, damaged, living, { safetyBackup: { kind: 'refused' } });
    expect(await lab.restoring(request)).toMatchObject({
      state: 'Failed',
      error: { message: expect.stringContaining('may be half restored') },
    });
  });

  it('does not begin when the safety backup fails, and then nothing was touched', async () => {
    const living = await lab.livingEnvironment('unsafe');
    const { environment } = living;
    const source = { ...environment, database: { ...environment.database, expectedTables: ['NoSuchTable'] } };
    const request = restoreRequestSchema.parse({
      ...replacingRequest(lab.source, lab.backupId, living),
      safetyBackup: { kind: 'take', source },
    });
    const run = await lab.restoring(request);
    expect(run).toMatchObject({ state: 'Failed', error: { code: 'restore.safetyBackupFailed' } });
    expect(run.error?.message).toContain('NoSuchTable');
    expect(await lab.query(living, 'SELECT id FROM added_later')).toEqual([{ id: 1 }]);
  });

  it.each([
    ['the name is not given once more', { confirmation: undefined }, 'restore.notConfirmed'],
    ['another name is given', { confirmation: 'prd' }, 'restore.notConfirmed'],
    ['nobody said whether to back it up', { safetyBackup: undefined }, 'restore.noSafetyBackup'],
    [
      'a part of a library is to go with all of a database',
      { selection: { folders: [], fileEntries: ['1'], fileVersions: [], companies: [] } },
      'request.invalid',
    ],
  ])('is refused at the door where %s', async (_when, changes, code) => {
    const request = replacingRequest(lab.source, lab.backupId, lab.newEnvironment('refused'), changes);
    await expect(lab.service.submit(request)).rejects.toMatchObject({ code });
  });

  it('does not replace the database of another environment', async () => {
    const living = await lab.livingEnvironment('mine');
    await lab.service.catalog.forProject('retail').declareEnvironment(living.environment);
    const stranger = { ...living, environment: { ...living.environment, environment: 'stranger' } };
    const request = replacingRequest(lab.source, lab.backupId, stranger, {
      safetyBackup: { kind: 'refused' },
    });
    expect(await lab.restoring(request)).toMatchObject({
      state: 'Failed',
      error: { code: 'restore.foreignDatabase' },
    });
    expect(await lab.query(living, 'SELECT id FROM added_later')).toEqual([{ id: 1 }]);
  });
});

describe('what a restore in place must not touch', () => {
  it('is what no backup of the environment has', async () => {
    const living = await lab.livingEnvironment('beyond');
    await lab.query(living, 'CREATE SCHEMA analytics; CREATE TABLE analytics.t AS SELECT 1 AS id');
    const { environment } = living;
    const selective = environmentSchema.parse({
      ...environment,
      database: { ...environment.database, ignoreSchemas: ['analytics'] },
    });
    const request = replacingRequest(lab.source, lab.backupId, { ...living, environment: selective });
    expect(await lab.restoring(request)).toMatchObject({
      state: 'Failed',
      error: { code: 'restore.beyondSafetyBackup', message: expect.stringContaining('analytics') },
    });
    expect(await lab.query(living, 'SELECT id FROM analytics.t')).toEqual([{ id: 1 }]);
  });
});

describe('the certificate of a restore', () => {
  it('says that the pair fits as it did in the backup, and removes what no row knows on demand', async () => {
    const own = await lab.livingEnvironment('certified');
    const stray = join(own.libraryFolder, '20097/10/999999/1.0');
    await mkdir(dirname(stray), { recursive: true });
    await writeFile(stray, 'no row knows this');
    const id = (await lab.succeeding(backupRequest(own))).runId;
    const kept = await lab.restoring(restoreRequest(own, id, lab.newEnvironment('certified-kept')));
    expect(kept.result?.certificate).toMatchObject({ verdict: 'consistentWithSourceDrift', introduced: 0 });
    const count = kept.result?.certificate?.unreferenced ?? 0;
    expect(count).toBeGreaterThan(0);
    const clean = lab.newEnvironment('certified-clean');
    const cleaned = await lab.restoring({ ...restoreRequest(own, id, clean), removeUnreferenced: true });
    expect(cleaned).toMatchObject({ state: 'Succeeded', result: { removedUnreferenced: count } });
    expect(await filesBelow(clean.libraryFolder)).not.toContain('20097/10/999999/1.0');
    const path = cleaned.result?.certificate?.path ?? '';
    const backups = folderOf(own.environment.backups.location);
    expect(JSON.parse(await readFile(join(backups, path), 'utf8'))).toMatchObject({ madeBy: 'restore' });
  });

  it('fails a restore whose target somebody writes to meanwhile, naming the object', async () => {
    const target = lab.newEnvironment('disturbed');
    lab.disturb(async (event) => {
      if (event.kind !== 'step' || event.step !== 'restore.validate' || event.phase !== 'end') return;
      const files = await filesBelow(target.libraryFolder);
      const victim = files.find((key) => !/^\d+\/0\//.test(key)) ?? '';
      await rm(join(target.libraryFolder, victim), { force: true });
    });
    try {
      const run = await lab.restoring(restoreRequest(lab.source, lab.backupId, target));
      expect(run).toMatchObject({ state: 'Failed', error: { code: 'restore.inconsistent' } });
      expect(await filesBelow(target.libraryFolder)).toEqual([]);
    } finally {
      lab.leaveAlone();
    }
  });
});
