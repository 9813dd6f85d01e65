import { rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RunRequest } from '@lcb/core';
import type { LocalService, OwnerEvent } from '@lcb/functions-local';
import { type HookServer, hookServer } from '@lcb/hooks/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { compareEnvironments } from '../compare/index.ts';
import { fillLibraryFolder } from '../fixtures/index.ts';
import { askedOf, hooked } from '../support/hooked.ts';
import {
  backupRequest,
  type LocalFixture,
  localFixture,
  type PlacedEnvironment,
  project,
  restoreRequest,
} from '../support/local-fixture.ts';
import { filesBelow, folderOf, verify } from '../support/repository.ts';
import { runToEnd } from '../support/run-to-end.ts';

describe('a quiesced backup', () => {
  let fixture: LocalFixture;
  let server: HookServer;
  let source: PlacedEnvironment;
  beforeAll(async () => {
    fixture = await localFixture();
  });
  afterAll(() => fixture.remove());
  beforeEach(async () => {
    server = await hookServer();
    source = hooked(fixture.source, server);
    return () => server.close();
  });

  async function during<T>(
    use: (service: LocalService) => Promise<T>,
    onEvent: (event: OwnerEvent, service: LocalService) => void | Promise<void> = () => undefined,
  ): Promise<T> {
    const settings = await fixture.settings({ leaseSeconds: 2 });
    const service: LocalService = await fixture.open(settings, (event) => onEvent(event, service));
    try {
      return await use(service);
    } finally {
      await service.close();
    }
  }
  const quiesced = (options: object = {}): RunRequest =>
    backupRequest(source, { consistency: 'quiesce', ...options });

  it('has every byte while the environment stands still: what happens after it goes on changes nothing', async () => {
    await during(
      async (service) => {
        const run = await runToEnd(service, quiesced());
        expect(run).toMatchObject({
          state: 'Succeeded',
          hooks: { quiesce: { attempt: 1, failedResumes: 0 } },
        });
        expect(run.hooks?.quiesce?.resumedAt).toBeDefined();
        expect(askedOf(server)).toEqual([`quiesce ${run.runId}-quiesce-1`, `resume ${run.runId}-resume-1`]);
        const { problems, manifest } = await verify(service, source, run.runId);
        expect({ problems, strategy: manifest?.consistency.strategy }).toEqual({
          problems: [],
          strategy: 'quiesce',
        });

        await fillLibraryFolder(fixture.spec, source.libraryFolder);
        const target = hooked(fixture.newEnvironment('quiesced'), server);
        const restore = await runToEnd(service, restoreRequest(source, run.runId, target));
        expect(restore).toMatchObject({ state: 'Succeeded', hooks: { reindex: { state: 'Called' } } });
        expect(askedOf(server).slice(2)).toEqual([`reindex ${restore.runId}-reindex`]);
        expect((await compareEnvironments({ a: source, b: target })).differences).toEqual([]);
      },
      async (event) => {
        // People go on working at once: here they delete everything.
        if (event.kind === 'step' && event.step === 'backup.resume' && event.phase === 'end')
          await rm(source.libraryFolder, { recursive: true });
      },
    );
  });

  it('that does not fit into its time resumes, and fails with what to do', async () => {
    source = hooked(fixture.source, server, { maxQuiesceSeconds: 5 });
    await during(
      async (service) => {
        const run = await runToEnd(service, quiesced());
        expect(run).toMatchObject({ state: 'Failed', error: { code: 'quiesce.deadlinePassed' } });
        expect(askedOf(server).at(-1)).toBe(`resume ${run.runId}-resume-1`);
        expect(run.hooks?.quiesce?.resumedAt).toBeDefined();
      },
      async (event, service) => {
        if (event.kind !== 'step' || event.step !== 'backup.library.plan' || event.phase !== 'begin') return;
        // The catalog's clock decides: it is asked, not assumed.
        while ((await service.catalog.forProject(project).quiescedSeconds(event.runId)) <= 5)
          await sleep(100);
      },
    );
  });

  it('that is cancelled resumes and leaves nothing', async () => {
    await during(
      async (service) => {
        const run = await runToEnd(service, quiesced());
        expect(run.state).toBe('Cancelled');
        expect(askedOf(server)).toEqual([`quiesce ${run.runId}-quiesce-1`, `resume ${run.runId}-resume-1`]);
        const files = await filesBelow(folderOf(source.environment.backups.location));
        expect(files.filter((file) => file.includes(`/backups/${run.runId}/`))).toEqual([]);
      },
      async (event, service) => {
        if (event.kind !== 'step' || event.step !== 'backup.library.plan' || event.phase !== 'begin') return;
        const run = await service.catalog.forProject(project).run(event.runId);
        if (run !== undefined) await service.requestCancel(run, 'bob@example.com');
      },
    );
  });

  it('whose environment will not go on is good, but fails loudly, and a person is told what to do', async () => {
    await during(
      async (service) => {
        const run = await runToEnd(service, quiesced({ mode: 'full' }));
        expect(run).toMatchObject({
          state: 'Failed',
          error: { code: 'hook.resumeFailed', message: expect.stringContaining('lcb env resume prd') },
          units: { database: { usable: true }, documentLibrary: { usable: true } },
        });
        expect(run.hooks?.quiesce?.resumedAt).toBeUndefined();
        expect((await verify(service, source, run.runId)).problems).toEqual([]);
        // The step and, last of all, finish.
        expect(askedOf(server).filter((asked) => asked.startsWith('resume'))).toHaveLength(2);
      },
      (event) => {
        if (event.kind === 'step' && event.step === 'backup.resume' && event.phase === 'begin')
          server.behave({ status: 404 });
      },
    );
  });

  it('of an environment that will not stop takes nothing, and tells it to go on all the same', async () => {
    server.behave({ status: 403 });
    await during(async (service) => {
      const run = await runToEnd(service, quiesced());
      expect(run).toMatchObject({ state: 'Failed', error: { code: 'hook.resumeFailed' } });
      expect(run.error?.message).toMatch(/403/);
      expect(askedOf(server).slice(0, 2)).toEqual([
        `quiesce ${run.runId}-quiesce-1`,
        `resume ${run.runId}-resume-1`,
      ]);
    });
  });

  it('that a person resumes in the middle fails, for it is of two moments', async () => {
    await during(
      async (service) => {
        const run = await runToEnd(service, quiesced());
        expect(run).toMatchObject({ state: 'Failed', error: { code: 'quiesce.resumedEarly' } });
        expect(run.hooks?.quiesce?.resumedBy).toBe('ada@example.com');
      },
      async (event, service) => {
        if (event.kind !== 'step' || event.step !== 'backup.library.plan' || event.phase !== 'begin') return;
        await service.catalog.forProject(project).recordResumeByHand('prd', 'ada@example.com');
      },
    );
  });

  it('needs both hooks', async () => {
    await during(async (service) => {
      const request = backupRequest(fixture.source, { consistency: 'quiesce' });
      await expect(service.submit(request)).rejects.toMatchObject({ code: 'request.invalid' });
    });
  });
});
