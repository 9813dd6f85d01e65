import { environmentSchema, type StepName } from '@lcb/core';
import { findMariadb } from '@lcb/database-dump/testing';
import { requireOrSkip, waitUntil } from '@lcb/embedded-postgres/testing';
import type { LocalService, LocalSettings } from '@lcb/functions-local';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compareEnvironments } from '../../compare/index.ts';
import { tiny } from '../../fixtures/index.ts';
import type { DatabaseKind } from '../../support/fixture-database.ts';
import { type KillableDatabase, killableDatabase } from '../../support/killable-database.ts';
import {
  backupRequest,
  type LocalFixture,
  localFixture,
  type PlacedEnvironment,
  restoreRequest,
} from '../../support/local-fixture.ts';
import { filesBelow, folderOf, verify } from '../../support/repository.ts';
import { runToEnd } from '../../support/run-to-end.ts';

const withMariadb = await requireOrSkip('MariaDB', findMariadb);

describe('a PostgreSQL server', () => describeKilledServer('postgresql'));
withMariadb('a MariaDB server', () => describeKilledServer('mariadb'));

function describeKilledServer(kind: DatabaseKind): void {
  let fixture: LocalFixture;
  let database: KillableDatabase;
  let settings: LocalSettings;
  let source: PlacedEnvironment;
  beforeAll(async () => {
    const spec = tiny();
    [fixture, database] = await Promise.all([localFixture(spec), killableDatabase(kind, spec)]);
    settings = await fixture.settings();
    source = onServer(fixture.source, 'lportal');
  });
  afterAll(async () => {
    await fixture.remove();
    await database.remove();
  });

  /** The same environment, with its database on the server that is killed. */
  function onServer(place: PlacedEnvironment, name: string): PlacedEnvironment {
    const url = new URL(database.url);
    url.pathname = `/${name}`;
    process.env.LCB_TEST_KILLED_PASSWORD = decodeURIComponent(url.password);
    const databaseUrl = url.href;
    url.password = '';
    const declared = { engine: database.engine, url: url.href, secret: 'env:LCB_TEST_KILLED_PASSWORD' };
    const environment = environmentSchema.parse({ ...place.environment, database: declared });
    return { ...place, environment, databaseUrl, besides: kind === 'mariadb' ? ['lcb_restore'] : [] };
  }

  /** Opens a service in which something is done when this step has begun for the nth time, counted from one. */
  async function during<T>(
    step: StepName,
    at: (time: number, input: unknown) => Promise<void>,
    use: (service: LocalService) => Promise<T>,
  ): Promise<T> {
    let times = 0;
    const service = await fixture.open(
      settings,
      async (event) => {
        if (event.kind !== 'step' || event.step !== step || event.phase !== 'begin') return;
        times += 1;
        await at(times, event.input);
      },
      { sleep: async (_seconds, signal) => signal.throwIfAborted() },
    );
    try {
      return await use(service);
    } finally {
      await service.close();
    }
  }

  const soon = 60_000;

  it('killed in the middle of a dump, and back at once: a new attempt begins, and the backup is good', async () => {
    await database.holdDumps();
    let isKilled = false;
    await during(
      'backup.database.poll',
      async (time) => {
        if (time > 1) return;
        expect(await waitUntil(soon, () => database.isDumpHeld())).toBe(true);
        await database.kill();
        await database.start();
        isKilled = true;
      },
      async (service) => {
        const backup = await runToEnd(service, backupRequest(source));
        expect(isKilled).toBe(true);
        expect([backup.state, backup.error]).toEqual(['Succeeded', undefined]);
        const { problems, manifest } = await verify(service, source, backup.runId);
        expect(problems).toEqual([]);
        expect(manifest?.attempt).toBe(2);
        const files = await filesBelow(folderOf(source.environment.backups.location));
        expect(files.filter((file) => file.includes('/attempts/1/'))).toEqual([]);
      },
    );
  });

  it('killed in the middle of a dump, and not back: the backup has failed and says why, and no dump is left', async () => {
    await database.holdDumps();
    await during(
      'backup.database.poll',
      async (time) => {
        if (time > 1) return;
        expect(await waitUntil(soon, () => database.isDumpHeld())).toBe(true);
        await database.kill();
      },
      async (service) => {
        const failed = await runToEnd(service, backupRequest(source, { units: ['database'] }));
        await database.start();
        expect(failed.state).toBe('Failed');
        expect(failed.error?.message).toMatch(/database/);
        const files = await filesBelow(folderOf(source.environment.backups.location));
        expect(files.filter((file) => file.includes(`/${failed.runId}/`))).toEqual([]);
      },
    );
  });

  describe('killed while a dump is loaded', () => {
    let backupId: string;
    beforeAll(async () => {
      await during(
        'backup.plan',
        async () => undefined,
        async (service) => {
          const backup = await runToEnd(service, backupRequest(source));
          expect([backup.state, backup.error]).toEqual(['Succeeded', undefined]);
          backupId = backup.runId;
        },
      );
    });

    it('and back at once: restored right, or failed and cleared up', async () => {
      const name = 'killed_target';
      const target = onServer(fixture.newEnvironment('killed-target'), name);
      await during(
        'restore.database.poll',
        async (time) => {
          if (time > 1) return;
          // The job is under way: it has made something. It may be through before it is killed; that is a bad day, too.
          await waitUntil(soon, () => database.hasTables(name));
          await database.kill();
          await database.start();
        },
        async (service) => {
          const run = await runToEnd(service, restoreRequest(source, backupId, target));
          if (run.state === 'Succeeded') {
            const { differences } = await compareEnvironments({ a: source, b: target });
            expect(differences).toEqual([]);
            return;
          }
          expect(run.state).toBe('Failed');
          expect(run.error?.message).toMatch(/\S{3,}/);
          expect(await filesBelow(target.libraryFolder)).toEqual([]);
          expect(await database.hasDatabase(name)).toBe(false);
        },
      );
    });
  });
}
