import { existsSync } from 'node:fs';
import { appendFile, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { environmentSchema, type Restore, type Run, type RunRequest, restoreRequestSchema } from '@lcb/core';
import type { LocalService, OwnerEvent } from '@lcb/functions-local';
import { hookServer } from '@lcb/hooks/testing';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compareEnvironments } from '../compare/index.ts';
import { changeEnvironment } from '../fixtures/index.ts';
import { askedOf, hooked } from '../support/hooked.ts';
import {
  backupRequest,
  type LocalFixture,
  localFixture,
  type PlacedEnvironment,
  replacingRequest,
  restoreRequest,
} from '../support/local-fixture.ts';
import { filesBelow, folderOf } from '../support/repository.ts';
import { runToEnd } from '../support/run-to-end.ts';

let fixture: LocalFixture;
let service: LocalService;
let backupId: string;
/** What happens at a step's edge, for tests that disturb a run. */
let disturb: (event: OwnerEvent) => void | Promise<void> = () => undefined;
beforeAll(async () => {
  fixture = await localFixture();
  service = await fixture.open(await fixture.settings({ shardObjects: 40 }), (event) => disturb(event));
  backupId = (await succeeding(backupRequest(fixture.source))).runId;
});
afterAll(async () => {
  await service?.close();
  await fixture?.remove();
});

async function succeeding(request: RunRequest): Promise<Run> {
  const run = await runToEnd(service, request);
  expect(run).toMatchObject({ state: 'Succeeded' });
  return run;
}

async function restoring(request: RunRequest): Promise<Restore> {
  const run = await runToEnd(service, request);
  if (run.kind !== 'restore') throw new TypeError('no restore');
  return run;
}

async function query(environment: PlacedEnvironment, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: environment.databaseUrl });
  await client.connect();
  try {
    await client.query(`SET search_path = ${fixture.spec.schema}, public`);
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

/** An environment that was restored and has moved on since: other rows, other objects, more large objects. */
async function livingEnvironment(name: string): Promise<PlacedEnvironment> {
  const placed = fixture.newEnvironment(name);
  await succeeding(restoreRequest(fixture.source, backupId, placed));
  const { databaseUrl, libraryFolder } = placed;
  await changeEnvironment({ databaseUrl, libraryFolder }, fixture.spec, {
    step: 1,
    replace: 3,
    add: 4,
    remove: 5,
  });
  await query(placed, 'CREATE TABLE added_later AS SELECT 1 AS id');
  await query(placed, 'SELECT lo_create(990001), lo_create(990002)');
  return placed;
}

const differences = async (a: PlacedEnvironment, b: PlacedEnvironment) =>
  (await compareEnvironments({ a, b })).differences;

/** Restores what was sealed of an environment, to be compared with what it is now. */
async function asItWas(name: string, from: PlacedEnvironment, id: string): Promise<PlacedEnvironment> {
  const placed = fixture.newEnvironment(name);
  await succeeding(restoreRequest(from, id, placed));
  return placed;
}

describe('a restore in place', () => {
  it('leaves nothing of what was there, after a safety backup of it', async () => {
    const living = await livingEnvironment('in-place');
    await writeFile(join(living.libraryFolder, 'left over.txt'), 'nobody knows this file');
    const run = await restoring(replacingRequest(fixture.source, backupId, living));
    expect(run).toMatchObject({ state: 'Succeeded', units: { database: { state: 'Succeeded' } } });
    expect(await differences(fixture.source, living)).toEqual([]);
    expect(run.result?.removedObjects).toBeGreaterThan(0);
    // The way back is a backup like any other.
    const before = await asItWas('in-place-before', living, run.result?.safetyBackupId ?? '');
    expect(await filesBelow(before.libraryFolder)).toContain('left over.txt');
    expect(await query(before, 'SELECT id FROM added_later')).toEqual([{ id: 1 }]);
    // Nothing that the restore worked with is left beside the backups.
    const files = await filesBelow(folderOf(fixture.source.environment.backups.location));
    const ofRestores = files.filter((file) => file.includes('/restores/'));
    expect(ofRestores.filter((file) => !/\/consistency(-findings\.jsonl\.zst|\.json)$/.test(file))).toEqual(
      [],
    );
  });

  it('copies only what differs when it goes back where the backup is from', async () => {
    const own = await livingEnvironment('own');
    const id = (await succeeding(backupRequest(own))).runId;
    const [victim = '', changed = '', untouched = ''] = await filesBelow(own.libraryFolder);
    const file = await stat(join(own.libraryFolder, untouched));
    await rm(join(own.libraryFolder, victim));
    await appendFile(join(own.libraryFolder, changed), 'more');
    const run = await restoring(
      replacingRequest(own, id, own, { safetyBackup: { kind: 'refused' }, units: ['documentLibrary'] }),
    );
    expect(run).toMatchObject({ state: 'Succeeded' });
    expect(run.result?.safetyBackupId).toBeUndefined();
    // The very same file: nothing was written in its place.
    expect((await stat(join(own.libraryFolder, untouched))).ino).toBe(file.ino);
    expect(await differences(own, await asItWas('own-was', own, id))).toEqual([]);
  });

  it('that fails half-way is rolled back: the environment is as it was', async () => {
    const living = await livingEnvironment('rolled-back');
    const damaged = await damagedBackup();
    const run = await restoring(replacingRequest(fixture.source, damaged, living));
    expect(run).toMatchObject({
      state: 'Failed',
      error: { code: 'integrity.mismatch', message: expect.stringContaining('rolled back') },
      result: { rolledBack: true },
    });
    const before = await asItWas('rolled-back-before', living, run.result?.safetyBackupId ?? '');
    expect(await differences(before, living)).toEqual([]);
    expect(
      await query(
        living,
        'SELECT count(*)::int AS n FROM pg_largeobject_metadata WHERE oid IN (990001, 990002)',
      ),
    ).toEqual([{ n: 2 }]);
  });

  it('without a safety backup says what state the environment is in when it fails', async () => {
    const living = await livingEnvironment('no-way-back');
    const damaged = await damagedBackup();
    const request = replacingRequest(fixture.source, damaged, living, { safetyBackup: { kind: 'refused' } });
    expect(await restoring(request)).toMatchObject({
      state: 'Failed',
      error: { message: expect.stringContaining('may be half restored') },
    });
  });

  it('does not begin when the safety backup fails, and then nothing was touched', async () => {
    const living = await livingEnvironment('unsafe');
    const { environment } = living;
    const source = { ...environment, database: { ...environment.database, expectedTables: ['NoSuchTable'] } };
    const request = restoreRequestSchema.parse({
      ...replacingRequest(fixture.source, backupId, living),
      safetyBackup: { kind: 'take', source },
    });
    const run = await restoring(request);
    expect(run).toMatchObject({ state: 'Failed', error: { code: 'restore.safetyBackupFailed' } });
    expect(run.error?.message).toContain('NoSuchTable');
    expect(await query(living, 'SELECT id FROM added_later')).toEqual([{ id: 1 }]);
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
    const request = replacingRequest(fixture.source, backupId, fixture.newEnvironment('refused'), changes);
    await expect(service.submit(request)).rejects.toMatchObject({ code });
  });

  it('does not replace the database of another environment', async () => {
    const living = await livingEnvironment('mine');
    await service.catalog.forProject('retail').declareEnvironment(living.environment);
    const stranger = { ...living, environment: { ...living.environment, environment: 'stranger' } };
    const request = replacingRequest(fixture.source, backupId, stranger, {
      safetyBackup: { kind: 'refused' },
    });
    expect(await restoring(request)).toMatchObject({
      state: 'Failed',
      error: { code: 'restore.foreignDatabase' },
    });
    expect(await query(living, 'SELECT id FROM added_later')).toEqual([{ id: 1 }]);
  });
});

describe('what a restore in place must not touch', () => {
  it('is what no backup of the environment has', async () => {
    const living = await livingEnvironment('beyond');
    await query(living, 'CREATE SCHEMA analytics; CREATE TABLE analytics.t AS SELECT 1 AS id');
    const { environment } = living;
    const selective = environmentSchema.parse({
      ...environment,
      database: { ...environment.database, ignoreSchemas: ['analytics'] },
    });
    const request = replacingRequest(fixture.source, backupId, { ...living, environment: selective });
    expect(await restoring(request)).toMatchObject({
      state: 'Failed',
      error: { code: 'restore.beyondSafetyBackup', message: expect.stringContaining('analytics') },
    });
    expect(await query(living, 'SELECT id FROM analytics.t')).toEqual([{ id: 1 }]);
  });
});

describe('the certificate of a restore', () => {
  it('says that the pair fits as it did in the backup, and removes what no row knows on demand', async () => {
    const own = await livingEnvironment('certified');
    const stray = join(own.libraryFolder, '20097/10/999999/1.0');
    await mkdir(dirname(stray), { recursive: true });
    await writeFile(stray, 'no row knows this');
    const id = (await succeeding(backupRequest(own))).runId;
    const kept = await restoring(restoreRequest(own, id, fixture.newEnvironment('certified-kept')));
    expect(kept.result?.certificate).toMatchObject({ verdict: 'consistentWithSourceDrift', introduced: 0 });
    const count = kept.result?.certificate?.unreferenced ?? 0;
    expect(count).toBeGreaterThan(0);
    const clean = fixture.newEnvironment('certified-clean');
    const cleaned = await restoring({ ...restoreRequest(own, id, clean), removeUnreferenced: true });
    expect(cleaned).toMatchObject({ state: 'Succeeded', result: { removedUnreferenced: count } });
    expect(await filesBelow(clean.libraryFolder)).not.toContain('20097/10/999999/1.0');
    const path = cleaned.result?.certificate?.path ?? '';
    const backups = folderOf(own.environment.backups.location);
    expect(JSON.parse(await readFile(join(backups, path), 'utf8'))).toMatchObject({ madeBy: 'restore' });
  });

  it('fails a restore whose target somebody writes to meanwhile, naming the object', async () => {
    const target = fixture.newEnvironment('disturbed');
    disturb = async (event) => {
      if (event.kind !== 'step' || event.step !== 'restore.validate' || event.phase !== 'end') return;
      const files = await filesBelow(target.libraryFolder);
      const victim = files.find((key) => !/^\d+\/0\//.test(key)) ?? '';
      await rm(join(target.libraryFolder, victim), { force: true });
    };
    try {
      const run = await restoring(restoreRequest(fixture.source, backupId, target));
      expect(run).toMatchObject({ state: 'Failed', error: { code: 'restore.inconsistent' } });
      expect(await filesBelow(target.libraryFolder)).toEqual([]);
    } finally {
      disturb = () => undefined;
    }
  });
});

describe('prepare and swap', () => {
  it('puts the restored environment in the place of the old one, which is kept', async () => {
    const living = await livingEnvironment('swapped');
    const filesBefore = await filesBelow(living.libraryFolder);
    const run = await restoring(
      replacingRequest(fixture.source, backupId, living, { mode: 'swap', safetyBackup: undefined }),
    );
    expect(run).toMatchObject({ state: 'Succeeded' });
    expect(await differences(fixture.source, living)).toEqual([]);
    const { database = '', documentLibrary = '' } = run.result?.kept ?? {};
    expect(run.result?.declare).toBeUndefined();
    expect(await filesBelow(fileURLToPath(documentLibrary))).toEqual(filesBefore);
    const url = new URL(living.databaseUrl);
    url.pathname = new URL(database).pathname;
    expect(await query({ ...living, databaseUrl: url.href }, 'SELECT id FROM added_later')).toEqual([
      { id: 1 },
    ]);
  });

  it('tells the environment, and puts everything back when that refuses', async () => {
    const living = await livingEnvironment('told');
    const hooks = await hookServer();
    const told = hooked(living, hooks);
    const request = () =>
      replacingRequest(fixture.source, backupId, told, { mode: 'swap', safetyBackup: undefined });
    try {
      hooks.behave({ status: 403 });
      const refused = await restoring(request());
      expect(refused).toMatchObject({ state: 'Failed', error: { code: 'hook.refused' } });
      expect(await query(living, 'SELECT id FROM added_later')).toEqual([{ id: 1 }]);
      const databases = await query(living, `SELECT datname FROM pg_database WHERE datname LIKE 'told%'`);
      expect(databases).toEqual([{ datname: 'told' }]);

      hooks.behave({ status: 204 });
      const run = await restoring(request());
      expect(run).toMatchObject({ state: 'Succeeded' });
      expect(await differences(fixture.source, living)).toEqual([]);
      expect(askedOf(hooks).filter((asked) => asked.startsWith('switch'))).toEqual([
        `switch ${refused.runId}-switch`,
        `switch ${run.runId}-switch`,
      ]);
    } finally {
      await hooks.close();
    }
  });

  it('that fails leaves the environment alone, and nothing beside it', async () => {
    const living = await livingEnvironment('not-swapped');
    const before = await filesBelow(living.libraryFolder);
    const damaged = await damagedBackup();
    const run = await restoring(
      replacingRequest(fixture.source, damaged, living, { mode: 'swap', safetyBackup: undefined }),
    );
    expect(run).toMatchObject({ state: 'Failed', error: { code: 'integrity.mismatch' } });
    expect(await filesBelow(living.libraryFolder)).toEqual(before);
    expect(await query(living, 'SELECT id FROM added_later')).toEqual([{ id: 1 }]);
    const databases = await query(
      living,
      `SELECT datname FROM pg_database WHERE datname LIKE 'not_swapped%'`,
    );
    expect(databases).toEqual([{ datname: 'not_swapped' }]);
    expect(existsSync(`${living.libraryFolder}-new`)).toBe(false);
  });
});

describe('a part of a library', () => {
  const libraryOnly = (target: PlacedEnvironment, changes: object) =>
    restoreRequestSchema.parse({
      ...restoreRequest(fixture.source, backupId, target),
      units: ['documentLibrary'],
      ...changes,
    });

  /** A folder at the top of a site that has files, with what the database says lies in it and below. */
  async function someFolder() {
    const [folder] = await query(
      fixture.source,
      `SELECT f.name, f.groupid::text AS "groupId", f.treepath AS path FROM dlfolder f
       WHERE f.parentfolderid = 0 AND f.ctcollectionid = 0 AND EXISTS (
         SELECT FROM dlfileversion v JOIN dlfileentry e USING (fileentryid) WHERE e.treepath LIKE f.treepath || '%')
       ORDER BY f.folderid LIMIT 1`,
    );
    if (folder === undefined) throw new Error('the fixture has no folder with files');
    const keys = await query(
      fixture.source,
      `SELECT DISTINCT e.companyid || '/' || e.folderid || '/' || e.name || '/' || v.version
         || CASE WHEN coalesce(v.storeuuid, '') = '' THEN '' ELSE '~' || v.storeuuid END AS key
       FROM dlfileversion v JOIN dlfileentry e ON e.fileentryid = v.fileentryid AND e.ctcollectionid = v.ctcollectionid
       WHERE e.treepath LIKE '${folder.path}%'`,
    );
    return {
      path: `/${folder.name}`,
      groupId: String(folder.groupId),
      keys: keys.map(({ key }) => String(key)).sort(),
    };
  }

  it('is restored by the path of its folder, subfolders and versions included', async () => {
    const { path, groupId, keys } = await someFolder();
    const target = fixture.newEnvironment('folder');
    const run = await restoring(libraryOnly(target, { selection: { folders: [{ path, groupId }] } }));
    expect(run).toMatchObject({ state: 'Succeeded', units: { documentLibrary: { objects: keys.length } } });
    expect(await filesBelow(target.libraryFolder)).toEqual(keys);
  });

  it('goes back into a living library and leaves the rest alone', async () => {
    const { path, groupId, keys } = await someFolder();
    const whole = fixture.newEnvironment('folder-whole');
    await succeeding(libraryOnly(whole, {}));
    const [kept = ''] = (await filesBelow(whole.libraryFolder)).filter((key) => !keys.includes(key));
    for (const key of keys) await rm(join(whole.libraryFolder, key), { force: true });
    await writeFile(join(whole.libraryFolder, kept), 'changed since');
    const run = await restoring({
      ...replacingRequest(fixture.source, backupId, whole, { units: ['documentLibrary'] }),
      selection: { folders: [{ path, groupId }], fileEntries: [], fileVersions: [], companies: [] },
    });
    expect(run).toMatchObject({ state: 'Succeeded' });
    expect(await filesBelow(whole.libraryFolder)).toEqual(await filesBelow(fixture.source.libraryFolder));
    expect(await readFile(join(whole.libraryFolder, kept), 'utf8')).toBe('changed since');
  });

  it('that fails goes back alone: what people do meanwhile in the rest of the library stays', async () => {
    const { path, groupId, keys } = await someFolder();
    const living = fixture.newEnvironment('folder-fails');
    await succeeding(restoreRequest(fixture.source, backupId, living));
    const [own = '', gone = ''] = keys;
    await writeFile(join(living.libraryFolder, own), 'changed before');
    await rm(join(living.libraryFolder, gone));
    const uploaded = '20097/10/777777/1.0';
    disturb = async (event) => {
      if (event.kind !== 'step' || event.step !== 'restore.validate' || event.phase !== 'begin') return;
      disturb = () => undefined;
      await mkdir(dirname(join(living.libraryFolder, uploaded)), { recursive: true });
      await writeFile(join(living.libraryFolder, uploaded), 'somebody works here');
      await rm(join(living.libraryFolder, own));
    };
    const run = await restoring({
      ...replacingRequest(fixture.source, backupId, living, { units: ['documentLibrary'] }),
      selection: { folders: [{ path, groupId }], fileEntries: [], fileVersions: [], companies: [] },
    });
    expect(run).toMatchObject({ state: 'Failed', result: { rolledBack: true } });
    expect(await readFile(join(living.libraryFolder, uploaded), 'utf8')).toBe('somebody works here');
    expect(await readFile(join(living.libraryFolder, own), 'utf8')).toBe('changed before');
    expect(await filesBelow(living.libraryFolder)).not.toContain(gone);
  });

  it('that names nothing leaves everything as it is', async () => {
    const living = fixture.newEnvironment('folder-mistyped');
    await succeeding(restoreRequest(fixture.source, backupId, living));
    disturb = async (event) => {
      if (event.kind === 'step' && event.step === 'restore.library.plan')
        await writeFile(join(living.libraryFolder, 'new'), 'somebody works here');
    };
    const run = await restoring({
      ...replacingRequest(fixture.source, backupId, living, { units: ['documentLibrary'] }),
      selection: { folders: [{ path: '/Tpyo' }], fileEntries: [], fileVersions: [], companies: [] },
    });
    disturb = () => undefined;
    expect(run).toMatchObject({
      state: 'Failed',
      error: { code: 'restore.folderMissing', message: expect.stringContaining('Nothing had been replaced') },
    });
    expect(await filesBelow(living.libraryFolder)).toContain('new');
  });

  it('is restored of some companies only, and without generated files, whose rows are cleared', async () => {
    const [company] = await query(
      fixture.source,
      'SELECT companyid::text AS id FROM company ORDER BY companyid LIMIT 1',
    );
    const all = await filesBelow(fixture.source.libraryFolder);
    const ofCompany = fixture.newEnvironment('one-company');
    await succeeding(libraryOnly(ofCompany, { selection: { companies: [company?.id] } }));
    expect(await filesBelow(ofCompany.libraryFolder)).toEqual(
      all.filter((key) => key.startsWith(`${company?.id}/`)),
    );

    const generated = /^\d+\/0\/(document_preview|document_thumbnail|adaptive)\//;
    expect(all.some((key) => generated.test(key))).toBe(true);
    const lean = fixture.newEnvironment('lean');
    const run = await restoring({
      ...restoreRequest(fixture.source, backupId, lean),
      withoutGeneratedFiles: true,
    });
    expect(run).toMatchObject({ state: 'Succeeded' });
    expect(await filesBelow(lean.libraryFolder)).toEqual(all.filter((key) => !generated.test(key)));
    const [rows] = await query(
      fixture.source,
      'SELECT (SELECT count(*) FROM dlfileversionpreview)::int + (SELECT count(*) FROM amimageentry)::int AS n',
    );
    expect(run.result?.clearedRows).toBe(rows?.n);
    expect(
      await query(
        lean,
        'SELECT (SELECT count(*) FROM dlfileversionpreview)::int + (SELECT count(*) FROM amimageentry)::int AS n',
      ),
    ).toEqual([{ n: 0 }]);
  });
});

/** A backup with one object whose copy was changed, which a restore meets after the database was loaded. */
async function damagedBackup(): Promise<string> {
  const id = (await succeeding(backupRequest(fixture.source, { mode: 'full' }))).runId;
  const folder = join(
    folderOf(fixture.source.environment.backups.location),
    `retail/prd/backups/${id}/objects`,
  );
  const victim = (await filesBelow(folder)).at(-1) ?? '';
  const bytes = await readFile(join(folder, victim));
  await writeFile(
    join(folder, victim),
    Buffer.concat([Buffer.from([(bytes[0] ?? 0) ^ 1]), bytes.subarray(1)]),
  );
  return id;
}
