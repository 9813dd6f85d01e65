import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openManifest, type StepName } from '@lcb/core';
import { findMariadb } from '@lcb/database-dump/testing';
import { requireOrSkip } from '@lcb/embedded-postgres/testing';
import type { LocalSettings } from '@lcb/functions-local';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { compareEnvironments } from '../compare/index.ts';
import { tiny } from '../fixtures/index.ts';
import type { DatabaseKind } from '../support/fixture-database.ts';
import {
  backupRequest,
  type LocalFixture,
  localFixture,
  project,
  restoreRequest,
} from '../support/local-fixture.ts';
import { filesBelow, folderOf, verify } from '../support/repository.ts';
import { runToEnd } from '../support/run-to-end.ts';

const withMariadb = await requireOrSkip('MariaDB', findMariadb);

describe('a job that is killed with -9, on PostgreSQL', () => describeLostJobs('postgresql'));
withMariadb('a job that is killed with -9, on MariaDB', () => describeLostJobs('mariadb'));

function describeLostJobs(database: DatabaseKind): void {
  let fixture: LocalFixture;
  let settings: LocalSettings;
  beforeAll(async () => {
    fixture = await localFixture(tiny(), { database });
    settings = await fixture.settings();
  });
  afterAll(() => fixture.remove());

  /** Opens the service; the first time that this step begins, the job of this name is killed with everything it started. */
  async function openKilling(step: StepName, job: string) {
    const killed: string[] = [];
    const service = await fixture.open(settings, async (event) => {
      if (event.kind !== 'step' || event.step !== step || event.phase !== 'begin' || killed.length > 0)
        return;
      const name = (await readdir(join(settings.stateDirectory, 'jobs'))).find((found) =>
        found.endsWith(job),
      );
      if (name === undefined) return;
      const owner = await readFile(join(settings.stateDirectory, 'jobs', name, 'owner.json'), 'utf8');
      process.kill(-z.object({ pid: z.number() }).parse(JSON.parse(owner)).pid, 'SIGKILL');
      killed.push(name);
    });
    return { service, killed };
  }

  it('during a dump and during a load: a new attempt begins, and nothing of the lost one is left', {
    timeout: 180_000,
  }, async () => {
    const backing = await openKilling('backup.database.poll', '-dump-1');
    const backup = await runToEnd(backing.service, backupRequest(fixture.source));
    expect(backing.killed).toEqual([`${backup.runId}-dump-1`]);
    expect(backup.state).toBe('Succeeded');
    const verification = await verify(backing.service, fixture.source, backup.runId);
    expect(verification.problems).toEqual([]);
    const store = backing.service.provider.objectStore(fixture.source.environment.backups.location);
    const trusted = await backing.service.trustedKeys();
    const { value } = await openManifest(
      store,
      { projectId: project, environment: 'prd' },
      backup.runId,
      trusted,
    );
    expect(value.attempt).toBe(2);
    const files = await filesBelow(folderOf(fixture.source.environment.backups.location));
    expect(files.filter((file) => file.includes('/attempts/1/'))).toEqual([]);
    await backing.service.close();

    const restoring = await openKilling('restore.database.poll', '-load-1');
    const target = fixture.newEnvironment('after-lost-load');
    const restore = await runToEnd(restoring.service, restoreRequest(fixture.source, backup.runId, target));
    await restoring.service.close();
    expect(restoring.killed).toEqual([`${restore.runId}-load-1`]);
    expect(restore.state).toBe('Succeeded');
    expect((await compareEnvironments({ a: fixture.source, b: target })).differences).toEqual([]);
  });
}
