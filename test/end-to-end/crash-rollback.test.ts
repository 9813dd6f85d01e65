import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { compareEnvironments } from '../compare/index.ts';
import { changeEnvironment } from '../fixtures/index.ts';
import { type CrashWorld, folderWorld } from '../support/crash-worlds.ts';
import { KillSeries } from '../support/kill-series.ts';
import { backupRequest, replacingRequest, restoreRequest } from '../support/local-fixture.ts';
import { filesBelow, folderOf } from '../support/repository.ts';
import { runToEnd } from '../support/run-to-end.ts';
import { readJournal } from '../support/service-process.ts';

/** In the order of the way back. What comes before has ended by the time of the first kill. */
const wayBack = [
  'restore.rollback',
  'restore.database.start',
  'restore.database.poll',
  'restore.library.plan',
  'restore.library.copy',
  'restore.library.remove',
  'restore.generated',
  'restore.validate',
  'restore.finish',
];

let world: CrashWorld;
let series: KillSeries;
beforeAll(async () => {
  world = await folderWorld('postgresql');
});
afterAll(async () => {
  await series?.close();
  await world?.remove();
});

it('a restore in place that fails, killed with -9 at every step of its way back, leaves the environment as it was', {
  timeout: 600_000,
}, async () => {
  const { fixture, settings, source } = world;
  const living = world.newEnvironment('crash-rolled-back');
  const service = await fixture.open(settings);
  const { runId: backupId } = await runToEnd(service, backupRequest(source));
  await runToEnd(service, restoreRequest(source, backupId, living));
  await service.close();
  const { databaseUrl, libraryFolder } = living;
  const counts = { step: 1, replace: 3, add: 4, remove: 5 };
  await changeEnvironment({ databaseUrl, libraryFolder }, fixture.spec, counts);
  // Found by the restore itself, when the database is loaded and some objects are copied.
  const copies = join(
    folderOf(source.environment.backups.location),
    `retail/prd/backups/${backupId}/objects`,
  );
  const victim = join(copies, (await filesBelow(copies)).at(-1) ?? '');
  const bytes = await readFile(victim);
  await writeFile(victim, Buffer.concat([Buffer.from([(bytes[0] ?? 0) ^ 1]), bytes.subarray(1)]));

  const journal = join(fixture.folder, 'journal');
  series = new KillSeries(settings, journal);
  const points = wayBack.map((step) => ({ step, phase: 'end' as const }));
  await series.runThrough(replacingRequest(source, backupId, living), points, 'Failed');
  const reached = new Set<string>((await readJournal(journal)).map(({ step }) => step));
  expect(wayBack.filter((step) => !reached.has(step))).toEqual([]);

  const after = await fixture.open(settings);
  const [restore] = (await after.catalog.forProject('retail').runs({ kind: 'restore', limit: 1 })).runs;
  expect(restore).toMatchObject({
    state: 'Failed',
    error: { code: 'integrity.mismatch', message: expect.stringContaining('rolled back') },
    result: { rolledBack: true },
  });
  const safety = restore?.kind === 'restore' ? (restore.result?.safetyBackupId ?? '') : '';
  const before = world.newEnvironment('crash-as-it-was');
  expect(await runToEnd(after, restoreRequest(living, safety, before))).toMatchObject({ state: 'Succeeded' });
  await after.close();
  expect((await compareEnvironments({ a: before, b: living })).differences).toEqual([]);
});
