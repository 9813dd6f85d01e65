import { join } from 'node:path';
import { readStanding, stepNames } from '@lcb/core';
import { findMariadb } from '@lcb/database-dump/testing';
import { requireOrSkip } from '@lcb/embedded-postgres/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { KillSeries } from '../support/kill-series.ts';
import {
  backupRequest,
  type LocalFixture,
  localFixture,
  project,
  verifyRequest,
} from '../support/local-fixture.ts';
import { queryRows } from '../support/query-rows.ts';
import { runToEnd } from '../support/run-to-end.ts';

const withMariadb = await requireOrSkip('MariaDB', findMariadb);

withMariadb('a verification by restore, on MariaDB', () => {
  let fixture: LocalFixture;
  beforeAll(async () => {
    fixture = await localFixture(undefined, { database: 'mariadb' });
  });
  afterAll(() => fixture.remove());

  const databases = async () =>
    (await queryRows(fixture.source.databaseUrl, 'SHOW DATABASES')).map((row) => Object.values(row)[0]);

  it('loads every database of the backup, finds it good, and leaves none, killed with -9 or not', {
    timeout: 600_000,
  }, async () => {
    const settings = await fixture.settings({ leaseSeconds: 1 });
    const before = await databases();
    const service = await fixture.open(settings);
    const { runId, units } = await runToEnd(service, backupRequest(fixture.source));
    const run = await runToEnd(service, verifyRequest(fixture.source, runId));
    expect(run).toMatchObject({
      state: 'Succeeded',
      units: { database: { bytes: units.database?.bytes } },
      result: { verified: { ok: true, restored: { certificate: { missing: 0, wrongSize: 0 } } } },
    });
    expect(await databases()).toEqual(before);
    await service.close();

    const series = new KillSeries(settings, join(fixture.folder, 'journal'));
    await series.runThrough(
      verifyRequest(fixture.source, runId),
      stepNames.filter((step) => step.startsWith('verify.')).map((step) => ({ step, phase: 'end' })),
    );
    await series.close();
    expect(await databases()).toEqual(before);
    const again = await fixture.open(settings);
    const store = again.provider.objectStore(fixture.source.environment.backups.location);
    const ref = { projectId: project, environment: 'prd' };
    const { standing } = await readStanding(store, ref, runId, await again.trustedKeys());
    expect(standing.verified?.restore?.ok).toBe(true);
    expect(standing.damagedBy).toBeUndefined();
    await again.close();
  });
});
