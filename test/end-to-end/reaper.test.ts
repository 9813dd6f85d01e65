import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { backupRequest, type LocalFixture, localFixture, project } from '../support/local-fixture.ts';
import { filesBelow, folderOf } from '../support/repository.ts';
import { runToEnd } from '../support/run-to-end.ts';
import { runServiceProcess } from '../support/service-process.ts';

let fixture: LocalFixture;
beforeAll(async () => {
  fixture = await localFixture();
});
afterAll(() => fixture.remove());

it('a run whose workflow the engine has lost is ended as Failed, leaves nothing, and frees its environment', {
  timeout: 180_000,
}, async () => {
  const settings = await fixture.settings({ leaseSeconds: 1 });
  const journal = join(fixture.folder, 'journal');
  const killAt = { step: 'backup.library.fold', phase: 'begin' } as const;
  const request = backupRequest(fixture.source);
  expect((await runServiceProcess({ settings, request, killAt, journal })).signal).toBe('SIGKILL');
  const backups = folderOf(fixture.source.environment.backups.location);
  expect((await filesBelow(backups)).some((file) => file.includes('/objects/'))).toBe(true);

  if (settings.catalog.kind !== 'postgresql') throw new Error('the fixture has a catalog of its own');
  const client = new pg.Client({ connectionString: settings.catalog.url });
  await client.connect();
  await client.query('delete from dbos.workflow_status');
  await client.end();

  const service = await fixture.open(settings);
  const { runs } = await service.catalog.forProject(project).runs({ limit: 10 });
  const [lost] = runs;
  if (lost === undefined) throw new Error('the run is not in the catalog');
  const ended = await service.waitFor(lost, () => undefined, new AbortController().signal);
  expect(ended).toMatchObject({
    state: 'Failed',
    error: { code: 'run.lost' },
    units: { database: { usable: false } },
  });
  expect((await filesBelow(backups)).filter((file) => file.startsWith('retail/prd/backups/'))).toEqual([]);

  expect((await runToEnd(service, backupRequest(fixture.source))).state).toBe('Succeeded');
  await service.close();
});
