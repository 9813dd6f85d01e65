import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { environmentPrefix, type IndexRow, type Manifest, openManifest, readIndex } from '@lcb/core';
import type { LocalService } from '@lcb/functions-local';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compareEnvironments } from '../compare/index.ts';
import { changeEnvironment } from '../fixtures/index.ts';
import {
  backupRequest,
  type LocalFixture,
  localFixture,
  project,
  restoreRequest,
} from '../support/local-fixture.ts';
import { filesBelow, folderOf, verify } from '../support/repository.ts';
import { runToEnd } from '../support/run-to-end.ts';

describe('backup and restore', () => {
  let fixture: LocalFixture;
  let service: LocalService;
  beforeAll(async () => {
    fixture = await localFixture();
    service = await fixture.open(await fixture.settings());
  });
  afterAll(async () => {
    await service.close();
    await fixture.remove();
  });

  async function backup(mode: 'full' | 'incremental' = 'incremental') {
    const run = await runToEnd(service, backupRequest(fixture.source, { mode }));
    expect(run).toMatchObject({
      state: 'Succeeded',
      units: { database: { usable: true }, documentLibrary: { usable: true } },
    });
    return run;
  }

  async function manifestOf(backupId: string): Promise<Manifest> {
    const store = service.provider.objectStore(fixture.source.environment.backups.location);
    const ref = { projectId: project, environment: 'prd' };
    return (await openManifest(store, ref, backupId, await service.trustedKeys())).value;
  }

  it('an incremental backup copies what changed, restores alone, and a full one copies everything', async () => {
    const first = await backup();
    const { databaseUrl, libraryFolder } = fixture.source;
    const changed = await changeEnvironment({ databaseUrl, libraryFolder }, fixture.spec, {
      step: 1,
      replace: 2,
      add: 3,
      remove: 4,
    });
    const second = await backup();
    const [before, after] = [await manifestOf(first.runId), await manifestOf(second.runId)];

    expect(after.base).toBe(first.runId);
    expect(after.previous?.backupId).toBe(first.runId);
    expect(after.units.documentLibrary?.copiedObjects).toBe(changed.replaced.length + changed.added.length);
    expect(after.units.documentLibrary?.references).toEqual([first.runId, second.runId]);
    const objects = await filesBelow(libraryFolder);
    expect(after.units.documentLibrary?.objects).toBe(objects.length);
    expect(before.units.documentLibrary?.objects).toBe(
      objects.length + changed.removed.length - changed.added.length,
    );

    const target = fixture.newEnvironment('incremental-restored');
    expect((await runToEnd(service, restoreRequest(fixture.source, second.runId, target))).state).toBe(
      'Succeeded',
    );
    expect((await compareEnvironments({ a: fixture.source, b: target })).differences).toEqual([]);

    const full = await manifestOf((await backup('full')).runId);
    expect(full.units.documentLibrary).toMatchObject({
      copiedObjects: objects.length,
      references: [full.backupId],
    });
    expect(full.base).toBeNull();
  });

  it('nothing changed: nothing is copied, and the backup is complete all the same', async () => {
    await backup();
    const again = await backup();
    const manifest = await manifestOf(again.runId);
    expect(manifest.units.documentLibrary).toMatchObject({ copiedObjects: 0, copiedBytes: 0 });
    const store = service.provider.objectStore(fixture.source.environment.backups.location);
    const rows: IndexRow[] = [];
    for await (const row of readIndex(store, { projectId: project, environment: 'prd' }, manifest))
      rows.push(row);
    expect(rows.map(({ key }) => key).sort()).toEqual(await filesBelow(fixture.source.libraryFolder));
    expect((await verify(service, fixture.source, again.runId)).ok).toBe(true);
  });

  it('every backup carries all checks with their measured values', async () => {
    const { checks } = await manifestOf((await backup()).runId);
    expect(checks.map(({ name, ok }) => [name, ok])).toEqual([
      ['database.dumpSize', true],
      ['database.compressionIntegrity', true],
      ['database.statements', true],
      ['database.schemaMarkers', true],
      ['database.rowCounts', true],
      ['database.sequences', true],
      ['database.largeObjects', true],
      ['library.objectCount', true],
      ['library.totalSize', true],
      ['library.source', true],
      ['library.copiesPresent', true],
      ['library.sampleReadBack', true],
      ['library.metadata', true],
    ]);
    for (const { expected, measured } of checks) expect([expected, measured]).not.toContain('');
  });

  it('a target that holds data is refused, and left as it was', async () => {
    const { runId } = await backup();
    const before = await filesBelow(fixture.source.libraryFolder);
    const run = await runToEnd(service, restoreRequest(fixture.source, runId, { ...fixture.source }));
    expect(run).toMatchObject({ state: 'Failed', error: { code: 'restore.targetOccupied' } });
    expect(await filesBelow(fixture.source.libraryFolder)).toEqual(before);
    const check = await runToEnd(service, backupRequest(fixture.source));
    expect(check.state).toBe('Succeeded');
  });

  it('a backup of which one unit failed is Failed, says which unit is usable, and that one can be restored', async () => {
    const broken = {
      ...fixture.source,
      environment: { ...fixture.source.environment, environment: 'broken' },
    };
    const database = { ...broken.environment.database, expectedTables: ['NoSuchTable'] };
    const request = backupRequest({
      ...broken,
      environment: Object.assign(broken.environment, { database }),
    });
    const run = await runToEnd(service, request);
    expect(run).toMatchObject({
      state: 'Failed',
      error: { code: 'validation.failed' },
      units: {
        database: { state: 'Failed', usable: false },
        documentLibrary: { state: 'Succeeded', usable: true },
      },
    });
    expect(run.error?.message).toContain('NoSuchTable');
    const files = await filesBelow(folderOf(broken.environment.backups.location));
    const left = files.filter((file) =>
      file.startsWith(`${environmentPrefix(request)}backups/${run.runId}/`),
    );
    expect(left.some((file) => file.includes('/objects/'))).toBe(true);
    expect(left.filter((file) => file.includes('/database/'))).toEqual([]);

    const target = fixture.newEnvironment('half-restored');
    const half = restoreRequest(broken, run.runId, target);
    const refused = await runToEnd(service, half);
    expect(refused).toMatchObject({ state: 'Failed', error: { code: 'restore.unitMissing' } });
    const library = await runToEnd(service, {
      ...restoreRequest(broken, run.runId, target),
      units: ['documentLibrary'],
    });
    expect(library.state).toBe('Succeeded');
    expect(await filesBelow(target.libraryFolder)).toEqual(await filesBelow(fixture.source.libraryFolder));
  });

  it('a backup that is known to be damaged is no base: the next one copies everything and says why', async () => {
    const { databaseUrl, libraryFolder, environment } = fixture.source;
    const own = { ...fixture.source, environment: { ...environment, environment: 'damaged' } };
    const first = await runToEnd(service, backupRequest({ ...own, databaseUrl, libraryFolder }));
    const [victim] = await filesBelow(
      join(folderOf(environment.backups.location), `retail/damaged/backups/${first.runId}/objects`),
    );
    const path = join(
      folderOf(environment.backups.location),
      `retail/damaged/backups/${first.runId}/objects/${victim}`,
    );
    const bytes = await readFile(path);
    await writeFile(path, Buffer.concat([Buffer.from([(bytes[0] ?? 0) ^ 1]), bytes.subarray(1)]));

    const failed = await runToEnd(
      service,
      restoreRequest(own, first.runId, fixture.newEnvironment('from-damaged')),
    );
    expect(failed).toMatchObject({ state: 'Failed', error: { code: 'integrity.mismatch' } });
    const second = await runToEnd(service, backupRequest(own));
    expect(second).toMatchObject({
      state: 'Succeeded',
      sealed: { base: null, baseRefused: expect.stringContaining(first.runId) },
    });
    expect((await verify(service, own, second.runId)).problems).toEqual([]);
  });

  it('a target inside the library, or inside the backups, is refused', async () => {
    const { runId } = await backup();
    for (const outer of [
      fixture.source.libraryFolder,
      folderOf(fixture.source.environment.backups.location),
    ]) {
      const target = fixture.newEnvironment('nested');
      const documentLibrary = { location: pathToFileURL(join(outer, 'inner')).href };
      const request = restoreRequest(fixture.source, runId, target);
      const nested = { ...request, target: { ...request.target, documentLibrary } };
      expect(await runToEnd(service, nested)).toMatchObject({
        state: 'Failed',
        error: { code: 'request.nestedLocations' },
      });
      expect(await filesBelow(join(outer, 'inner'))).toEqual([]);
    }
  });

  it('the database password is in no file that service, jobs or backups wrote', async () => {
    await backup();
    const password = decodeURIComponent(new URL(fixture.source.databaseUrl).password);
    expect(password).not.toBe('');
    const files = await filesBelow(fixture.folder);
    expect(files.some((file) => file.endsWith('/input.json'))).toBe(true);
    const leaking: string[] = [];
    for (const file of files) {
      if ((await readFile(join(fixture.folder, file))).includes(password)) leaking.push(file);
    }
    expect(leaking).toEqual([]);
  });
});
