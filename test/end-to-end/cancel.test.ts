import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type RunRequest, type StepName, stepTable } from '@lcb/core';
import type { LocalSettings } from '@lcb/functions-local';
import { hookServer } from '@lcb/hooks/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hooked } from '../support/hooked.ts';
import {
  backupRequest,
  copyRequest,
  type LocalFixture,
  localFixture,
  project,
  restoreRequest,
} from '../support/local-fixture.ts';
import { filesBelow, folderOf } from '../support/repository.ts';
import { runToEnd } from '../support/run-to-end.ts';

/** Every step before which a run of this kind may be cancelled, but those of search, which have a test of their own. */
function cancellable(kind: string): readonly StepName[] {
  return (
    Object.values(stepTable)
      .filter(({ name, cancellable: may }) => may && name.startsWith(`${kind}.`))
      // Search has a test of its own.
      .filter(({ name }) => !name.includes('.search.'))
      // Those of uploads are cancelled in `transfer-crash.test.ts`.
      .filter(({ name }) => !name.startsWith('backup.import.'))
      // No step of a restore into a new environment without scripts.
      .filter(
        ({ name }) =>
          !['restore.swap', 'restore.rollback'].includes(name) && !name.startsWith('restore.scripts.'),
      )
      .map(({ name }) => name)
  );
}

describe('cancelling', () => {
  let fixture: LocalFixture;
  beforeAll(async () => {
    fixture = await localFixture();
  });
  afterAll(() => fixture.remove());

  /** Cancels the run as soon as the step begins; the service's keys and catalog are those of the settings. */
  async function cancelAt(step: StepName, request: RunRequest, settings: LocalSettings) {
    let asked = false;
    const service = await fixture.open(settings, async (event) => {
      if (event.kind !== 'step' || event.step !== step || asked) return;
      asked = true;
      const run = await service.catalog.forProject(project).run(event.runId);
      if (run !== undefined) await service.requestCancel(run, 'bob@example.com');
    });
    const run = await runToEnd(service, request);
    const entries: string[] = [];
    for await (const { action, actor, subject } of service.catalog.forProject(project).auditEntries()) {
      if (subject === run.runId) entries.push(`${actor} ${action}`);
    }
    await service.close();
    return { run, entries };
  }

  it('a backup before each of its steps leaves nothing behind', { timeout: 600_000 }, async () => {
    const settings = await fixture.settings();
    const hooks = await hookServer();
    const source = hooked(fixture.source, hooks);
    for (const step of cancellable('backup')) {
      const request = backupRequest(source, { consistency: 'quiesce' });
      const { run, entries } = await cancelAt(step, request, settings);
      expect({ step, state: run.state }).toEqual({ step, state: 'Cancelled' });
      expect(entries).toEqual(
        expect.arrayContaining(['bob@example.com backup.cancelRequested', 'service backup.cancelled']),
      );
      const files = await filesBelow(folderOf(fixture.source.environment.backups.location));
      expect({ step, left: files.filter((file) => file.startsWith('retail/prd/backups/')) }).toEqual({
        step,
        left: [],
      });
      expect(await runningJobs(settings.stateDirectory)).toEqual([]);
    }
    await hooks.close();
  });

  it('a restore before each of its steps leaves nothing in its target', { timeout: 600_000 }, async () => {
    const settings = await fixture.settings();
    const service = await fixture.open(settings);
    const { runId } = await runToEnd(service, backupRequest(fixture.source));
    await service.close();
    const target = fixture.newEnvironment('cancelled');
    for (const step of cancellable('restore')) {
      const { run, entries } = await cancelAt(step, restoreRequest(fixture.source, runId, target), settings);
      expect({ step, state: run.state }).toEqual({ step, state: 'Cancelled' });
      expect(entries).toEqual(
        expect.arrayContaining(['bob@example.com restore.cancelRequested', 'service restore.cancelled']),
      );
      expect({ step, left: await filesBelow(target.libraryFolder) }).toEqual({ step, left: [] });
      expect(await runningJobs(settings.stateDirectory)).toEqual([]);
    }
    // The target is as new as before: a restore into it works.
    const again = await fixture.open(settings);
    expect((await runToEnd(again, restoreRequest(fixture.source, runId, target))).state).toBe('Succeeded');
    await again.close();
  });

  it('a copy before each of its steps leaves nothing in its location', { timeout: 600_000 }, async () => {
    const settings = await fixture.settings();
    const service = await fixture.open(settings);
    const { runId } = await runToEnd(service, backupRequest(fixture.source));
    await service.close();
    const request = () => copyRequest(fixture.source, runId, 'cancelled-copies');
    for (const step of cancellable('copy')) {
      const { run, entries } = await cancelAt(step, request(), settings);
      expect({ step, state: run.state }).toEqual({ step, state: 'Cancelled' });
      expect(entries).toEqual(
        expect.arrayContaining(['bob@example.com copy.cancelRequested', 'service copy.cancelled']),
      );
      expect({ step, left: await filesBelow(folderOf(request().to)) }).toEqual({ step, left: [] });
    }
    const again = await fixture.open(settings);
    expect((await runToEnd(again, request())).state).toBe('Succeeded');
    await again.close();
  });
});

/** Jobs of a service whose process is still there. */
async function runningJobs(stateDirectory: string): Promise<readonly string[]> {
  const jobs = join(stateDirectory, 'jobs');
  const running: string[] = [];
  for (const name of await readdir(jobs).catch(() => [])) {
    const owner = await readFile(join(jobs, name, 'owner.json'), 'utf8').catch(() => '');
    const pid = /"pid":\s*(\d+)/.exec(owner)?.[1];
    if (pid !== undefined && isAlive(Number(pid))) running.push(name);
  }
  return running;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
