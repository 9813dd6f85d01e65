import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { backupRequestSchema, type RunRequest, type StepName, stepNames, stepTable } from '@lcb/core';
import { chooseServerMajor, toolsFor } from '@lcb/embedded-postgres';
import type { LocalSettings } from '@lcb/functions-local';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compareEnvironments } from '../compare/index.ts';
import { withClient } from '../fixtures/postgresql/connect.ts';
import {
  backupRequest,
  copyRequest,
  type LocalFixture,
  localFixture,
  project,
  restoreRequest,
} from '../support/local-fixture.ts';
import { filesBelow, folderOf, verify } from '../support/repository.ts';
import { runToEnd } from '../support/run-to-end.ts';
import { readJournal, runServiceProcess } from '../support/service-process.ts';

describe('an upload and a copy', () => {
  let fixture: LocalFixture;
  let settings: LocalSettings;
  beforeAll(async () => {
    fixture = await localFixture();
    settings = await fixture.settings({ leaseSeconds: 1 });
    const { binaries } = await chooseServerMajor();
    const { pgDump } = await toolsFor(binaries.major);
    execFileSync(pgDump, ['-d', fixture.source.databaseUrl, '--file', join(fixture.folder, 'dump.sql')]);
    execFileSync('tar', [
      ...['-C', fixture.source.libraryFolder, '--format=pax'],
      ...['-cf', join(fixture.folder, 'library.tar'), '.'],
    ]);
  });
  afterAll(() => fixture.remove());

  function uploadRequest() {
    return backupRequestSchema.parse({
      ...backupRequest(fixture.source, { mode: 'full' }),
      type: 'Uploaded',
      upload: {
        dump: { path: join(fixture.folder, 'dump.sql'), format: 'plain' },
        library: { archive: join(fixture.folder, 'library.tar') },
      },
    });
  }

  async function expectNothingStaged(stateDirectory: string) {
    const { rows } = await withClient(fixture.source.databaseUrl, (client) =>
      client.query(`select datname from pg_database where datname like 'lcb_upload%'`),
    );
    expect(rows).toEqual([]);
    expect(await filesBelow(join(stateDirectory, 'uploads'))).toEqual([]);
  }

  /** Killed before each step and after it, each time in a new process; then left alone. */
  async function throughKills(request: RunRequest, steps: readonly StepName[], journal: string) {
    for (const step of steps) {
      for (const phase of ['begin', 'end'] as const) {
        const killAt = { step, phase };
        const { signal, stderr } = await runServiceProcess({ settings, request, killAt, journal });
        expect({ killAt, signal, stderr }).toEqual({ killAt, signal: 'SIGKILL', stderr: '' });
      }
    }
    const { code, stderr } = await runServiceProcess({ settings, request, killAt: null, journal });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const reached = new Set((await readJournal(journal)).map(({ step }) => step));
    expect(steps.filter((step) => !reached.has(step))).toEqual([]);
  }

  it('killed with -9 at every step end right, with nothing staged and no file too many', {
    timeout: 900_000,
  }, async () => {
    const ofUpload: readonly StepName[] = [
      ...['backup.plan', 'backup.import.start', 'backup.import.poll', 'backup.database.start'],
      ...['backup.database.poll', 'backup.library.plan', 'backup.seal', 'backup.finish'],
    ].flatMap((name) => stepNames.filter((step) => step === name));
    await throughKills(uploadRequest(), ofUpload, join(fixture.folder, 'upload-journal'));
    const service = await fixture.open(settings);
    const { runs } = await service.catalog.forProject(project).runs({ kind: 'backup', limit: 10 });
    expect(runs.map(({ state }) => state)).toEqual(['Succeeded']);
    const backupId = runs[0]?.runId ?? '';
    await expectNothingStaged(settings.stateDirectory);
    const target = fixture.newEnvironment('of-killed-upload');
    expect((await runToEnd(service, restoreRequest(fixture.source, backupId, target))).state).toBe(
      'Succeeded',
    );
    expect((await compareEnvironments({ a: fixture.source, b: target })).differences).toEqual([]);
    await service.close();

    const copy = copyRequest(fixture.source, backupId, 'killed-copies');
    const ofCopy = stepNames.filter((step) => step.startsWith('copy.'));
    await throughKills(copy, ofCopy, join(fixture.folder, 'copy-journal'));
    const after = await fixture.open(settings);
    const { problems, artefacts, objects } = await verify(after, fixture.source, backupId, copy.to);
    await after.close();
    expect(problems).toEqual([]);
    // The manifest, everything that it leads to, and one record.
    expect(await filesBelow(folderOf(copy.to))).toHaveLength(1 + artefacts + objects + 1);
  });

  it('an upload cancelled before each of its own steps leaves nothing', { timeout: 300_000 }, async () => {
    const own = await fixture.settings();
    const backups = join(folderOf(fixture.source.environment.backups.location), 'retail/prd/backups');
    const before = await filesBelow(backups);
    const steps = Object.values(stepTable)
      .filter(({ name, cancellable }) => cancellable && name.startsWith('backup.'))
      .map(({ name }) => name)
      .filter((name) => name.startsWith('backup.import.') || name === 'backup.database.start');
    for (const step of steps) {
      let asked = false;
      const service = await fixture.open(own, async (event) => {
        if (event.kind !== 'step' || event.step !== step || asked) return;
        asked = true;
        const run = await service.catalog.forProject(project).run(event.runId);
        if (run !== undefined) await service.requestCancel(run, 'bob@example.com');
      });
      expect({ step, state: (await runToEnd(service, uploadRequest())).state }).toEqual({
        step,
        state: 'Cancelled',
      });
      await service.close();
      await expectNothingStaged(own.stateDirectory);
      expect(await filesBelow(backups)).toEqual(before);
    }
  });
});
