import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { environmentSchema, type StepName } from '@lcb/core';
import { requireOrSkip } from '@lcb/embedded-postgres/testing';
import type { LocalService, LocalSettings } from '@lcb/functions-local';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { compareEnvironments } from '../../compare/index.ts';
import {
  backupRequest,
  type LocalFixture,
  localFixture,
  type PlacedEnvironment,
  restoreRequest,
} from '../../support/local-fixture.ts';
import { filesBelow, verify } from '../../support/repository.ts';
import { runToEnd } from '../../support/run-to-end.ts';
import { mayMount, type SmallDisk, smallDisk } from '../../support/small-disk.ts';

const withSmallDisk = await requireOrSkip('a small disk of its own (root may mount one)', mayMount);

withSmallDisk('a full disk', () => {
  let fixture: LocalFixture;
  let settings: LocalSettings;
  let service: LocalService;
  let backupId: string;
  let disk: SmallDisk | undefined;
  let at: { readonly step: StepName; readonly act: () => void } | undefined;
  beforeAll(async () => {
    fixture = await localFixture();
    settings = await fixture.settings();
    service = await fixture.open(
      settings,
      (event) => {
        if (event.kind === 'step' && event.step === at?.step && event.phase === 'begin') at.act();
      },
      { sleep: async (_seconds, signal) => signal.throwIfAborted() },
    );
    const backup = await runToEnd(service, backupRequest(fixture.source));
    expect([backup.state, backup.error]).toEqual(['Succeeded', undefined]);
    backupId = backup.runId;
  });
  afterEach(async () => {
    at = undefined;
    await disk?.remove();
    disk = undefined;
  });
  afterAll(async () => {
    await service.close();
    await fixture.remove();
  });

  function onDisk(name: string, folder: string): PlacedEnvironment {
    const place = fixture.newEnvironment(name);
    const documentLibrary = { location: pathToFileURL(folder).href };
    const environment = environmentSchema.parse({ ...place.environment, documentLibrary });
    return { ...place, environment, libraryFolder: folder };
  }

  async function databaseIsAbsent({ environment: { database } }: PlacedEnvironment): Promise<boolean> {
    if (database === undefined) throw new Error('It has none.');
    return (await service.provider.databaseTargetState(database, 'another')) !== 'occupied';
  }

  it('at the target: refused before anything is written', async () => {
    disk = await smallDisk(join(fixture.folder, 'full-target'), '64k');
    const target = onDisk('full-target', join(disk.path, 'library'));
    const refused = await runToEnd(service, restoreRequest(fixture.source, backupId, target));
    expect(refused).toMatchObject({ state: 'Failed', error: { code: 'objectStore.full' } });
    expect(await filesBelow(disk.path)).toEqual([]);
    expect(await databaseIsAbsent(target)).toBe(true);
  });

  it('at the target, filled meanwhile: failed, and nothing of the restore is left', async () => {
    disk = await smallDisk(join(fixture.folder, 'filling-target'), '16m');
    const target = onDisk('filling-target', join(disk.path, 'library'));
    at = { step: 'restore.library.copy', act: disk.fill };
    const failed = await runToEnd(service, restoreRequest(fixture.source, backupId, target));
    expect(failed).toMatchObject({ state: 'Failed', error: { code: 'objectStore.full' } });
    expect(await filesBelow(disk.path)).toEqual(['filler']);
    expect(await databaseIsAbsent(target)).toBe(true);

    await disk.clear();
    at = undefined;
    const restored = await runToEnd(service, restoreRequest(fixture.source, backupId, target));
    expect([restored.state, restored.error]).toEqual(['Succeeded', undefined]);
    expect((await compareEnvironments({ a: fixture.source, b: target })).differences).toEqual([]);
  });

  it.each(['backup.database.start', 'restore.database.start'] as const)(
    'where jobs are kept, at %s: failed with a sentence; with room again it goes on',
    async (step) => {
      disk = await smallDisk(join(settings.stateDirectory, 'jobs'), '1m');
      at = { step, act: disk.fill };
      const isBackup = step === 'backup.database.start';
      const target = fixture.newEnvironment('jobs-on-full-disk');
      const request = () =>
        isBackup ? backupRequest(fixture.source) : restoreRequest(fixture.source, backupId, target);
      const failed = await runToEnd(service, request());
      expect(failed).toMatchObject({
        state: 'Failed',
        error: { message: expect.stringMatching(/the disk of .* is full\. Make room/) },
      });
      if (!isBackup) expect(await databaseIsAbsent(target)).toBe(true);
      at = undefined;
      await disk.clear();
      const again = await runToEnd(service, request());
      expect([again.state, again.error]).toEqual(['Succeeded', undefined]);
      if (isBackup) expect((await verify(service, fixture.source, again.runId)).problems).toEqual([]);
      else expect((await compareEnvironments({ a: fixture.source, b: target })).differences).toEqual([]);
    },
  );
});
