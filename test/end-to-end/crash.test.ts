import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type RunRequest, stepNames } from '@lcb/core';
import type { LocalSettings } from '@lcb/functions-local';
import { hookServer } from '@lcb/hooks/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compareEnvironments } from '../compare/index.ts';
import { tiny } from '../fixtures/index.ts';
import type { DatabaseKind } from '../support/fixture-database.ts';
import { askedOf, hooked } from '../support/hooked.ts';
import {
  backupRequest,
  deleteRequest,
  type LocalFixture,
  localFixture,
  replacingRequest,
  restoreRequest,
} from '../support/local-fixture.ts';
import { filesBelow, folderOf, verify } from '../support/repository.ts';
import { runToEnd } from '../support/run-to-end.ts';
import { type KillPoint, readJournal, runServiceProcess } from '../support/service-process.ts';

/** Copies, uploads and search have a crash test of their own. */
const isElsewhere = (step: string) =>
  step.startsWith('copy.') ||
  step.startsWith('backup.import.') ||
  step.includes('.search.') ||
  // Only of a restore in place that fails.
  step === 'restore.rollback';

/** Every step of a workflow, before it begins and when its work is done but not yet recorded. */
function killPoints(workflow: string): readonly KillPoint[] {
  return stepNames
    .filter((step) => step.startsWith(`${workflow}.`) && !isElsewhere(step))
    .flatMap((step) => [
      { step, phase: 'begin' as const },
      { step, phase: 'end' as const },
    ]);
}

describe('a service that is killed with -9, on PostgreSQL', () => describeCrashes('postgresql'));

function describeCrashes(database: DatabaseKind): void {
  let fixture: LocalFixture;
  beforeAll(async () => {
    fixture = await localFixture(tiny(), { database });
  });
  afterAll(() => fixture.remove());

  /** One run that is killed at every point of the list, one after the other, each time in a new process; then left alone. */
  async function runThroughKills(
    settings: LocalSettings,
    request: RunRequest,
    points: readonly KillPoint[],
    journal: string,
  ) {
    for (const killAt of points) {
      const { signal, stderr } = await runServiceProcess({ settings, request, killAt, journal });
      expect({ killAt, signal, stderr }).toEqual({ killAt, signal: 'SIGKILL', stderr: '' });
    }
    const { code, stderr } = await runServiceProcess({ settings, request, killAt: null, journal });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  }

  it('at every step of a backup, of a restore and of a deletion ends each right, with no duplicate and no orphan', {
    timeout: 1_200_000,
  }, async () => {
    const settings = await fixture.settings({ leaseSeconds: 1 });
    const backups = folderOf(fixture.source.environment.backups.location);
    const journal = join(fixture.folder, 'journal');

    const hooks = await hookServer();
    const source = hooked(fixture.source, hooks, { maxQuiesceSeconds: 3600 });
    const backup = backupRequest(source, { consistency: 'quiesce' });
    await runThroughKills(settings, backup, killPoints('backup'), journal);
    // Each was asked again after a kill, under the id that it had before; and the environment goes on.
    const asked = askedOf(hooks);
    await hooks.close();
    expect([...new Set(asked)]).toEqual([
      expect.stringMatching(/^quiesce .*-quiesce-1$/),
      expect.stringMatching(/^resume .*-resume-1$/),
    ]);
    expect(asked.at(-1)).toMatch(/^resume/);
    const service = await fixture.open(settings);
    const { runs } = await service.catalog.forProject('retail').runs({ kind: 'backup', limit: 10 });
    expect(runs.map(({ state }) => state)).toEqual(['Succeeded']);
    const backupId = runs[0]?.runId ?? '';
    const verification = await verify(service, fixture.source, backupId);
    expect(verification.problems).toEqual([]);
    // The manifest, everything that it leads to, one anchor of the audit chain, and not a file more.
    const files = await filesBelow(backups);
    const ofBackup = files.filter((file) => file.startsWith(`retail/prd/backups/${backupId}/`));
    expect(ofBackup).toHaveLength(1 + verification.artefacts + verification.objects);
    expect(files.length - ofBackup.length).toBe(1);

    const target = fixture.newEnvironment('crash-restored');
    // A script may not name a database, and on MySQL that is what a schema is.
    const company = database === 'mariadb' ? 'Company' : 'lportal.company';
    const scripts = [{ name: 'again.sql', sql: `UPDATE ${company} SET companyid = companyid` }];
    const restore = { ...restoreRequest(fixture.source, backupId, target), scripts };
    await service.close();
    const withoutSwap = killPoints('restore').filter(({ step }) => step !== 'restore.swap');
    await runThroughKills(settings, restore, withoutSwap, journal);
    const report = await compareEnvironments({
      a: fixture.source,
      b: target,
    });
    expect(report.differences).toEqual([]);
    expect(report.equal).toBe(true);
    expect(await filesBelow(target.libraryFolder)).toEqual(await filesBelow(fixture.source.libraryFolder));

    // In place of what another backup had left there, and by swap with it.
    const inPlace = replacingRequest(fixture.source, backupId, target, {
      safetyBackup: { kind: 'refused' },
      scripts,
    });
    await writeFile(join(target.libraryFolder, 'left over'), 'nobody knows this file');
    await runThroughKills(settings, inPlace, withoutSwap, journal);
    expect((await compareEnvironments({ a: fixture.source, b: target })).differences).toEqual([]);
    const swap = replacingRequest(fixture.source, backupId, target, {
      mode: 'swap',
      safetyBackup: undefined,
      scripts,
    });
    await writeFile(join(target.libraryFolder, 'left over'), 'nobody knows this file');
    await runThroughKills(settings, swap, killPoints('restore'), journal);
    expect((await compareEnvironments({ a: fixture.source, b: target })).differences).toEqual([]);

    await runThroughKills(settings, deleteRequest(fixture.source, backupId), killPoints('delete'), journal);
    const after = await fixture.open(settings);
    expect(await after.catalog.forProject('retail').run(backupId)).toMatchObject({
      deletedAt: expect.any(String),
    });
    const again = await runToEnd(
      after,
      restoreRequest(fixture.source, backupId, fixture.newEnvironment('late')),
    );
    expect(again).toMatchObject({ state: 'Failed', error: { code: 'backup.deleted' } });
    await after.close();
    const left = await filesBelow(backups);
    expect(left.filter((file) => file.startsWith(`retail/prd/backups/${backupId}/`))).toEqual(ofBackup);
    expect(left.filter((file) => file.endsWith('-audit.json'))).toHaveLength(6);
    expect(left.filter((file) => file.includes('-delete-') && !file.endsWith('-audit.json'))).toHaveLength(1);

    // Every step was reached, and none was ever at work in two processes at a time.
    const steps = await readJournal(journal);
    expect(new Set(steps.map(({ step }) => step))).toEqual(
      new Set(stepNames.filter((step) => !isElsewhere(step))),
    );
  });
}
