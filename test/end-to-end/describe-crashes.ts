import { join } from 'node:path';
import { Readable } from 'node:stream';
import { type BackupRequest, type ObjectStore, stepNames } from '@lcb/core';
import type { LocalService } from '@lcb/functions-local';
import { hookServer } from '@lcb/hooks/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { compareEnvironments } from '../compare/index.ts';
import type { CrashWorld } from '../support/crash-worlds.ts';
import { askedOf, hooked } from '../support/hooked.ts';
import { KillSeries } from '../support/kill-series.ts';
import {
  backupRequest,
  deleteRequest,
  type PlacedEnvironment,
  replacingRequest,
  restoreRequest,
  sweepRequest,
} from '../support/local-fixture.ts';
import { verify } from '../support/repository.ts';
import { runToEnd } from '../support/run-to-end.ts';
import { type KillPoint, readJournal } from '../support/service-process.ts';

/** Copies, uploads and search have a crash test of their own. */
const isElsewhere = (step: string) =>
  step.startsWith('copy.') ||
  step.startsWith('backup.import.') ||
  step.includes('.search.') ||
  // Only of a restore in place that fails.
  step === 'restore.rollback';

const stepsOf = (workflow: string) =>
  stepNames.filter((step) => step.startsWith(`${workflow}.`) && !isElsewhere(step));

/**
 * A backup, a restore into a new environment and one in place, each killed at every step when its work is done but not
 * yet recorded. `extent: 'everything'`: before every step as well, and through a swap and a deletion, too.
 */
export function describeCrashes(
  open: () => Promise<CrashWorld>,
  { extent }: { readonly extent: 'everything' | 'doneNotRecorded' },
): void {
  const isAll = extent === 'everything';
  const phases = isAll ? (['begin', 'end'] as const) : (['end'] as const);
  const killsAt = (steps: readonly string[]): readonly KillPoint[] =>
    steps.flatMap((step) => phases.map((phase) => ({ step, phase })));
  const ofRestore = stepsOf('restore').filter((step) => step !== 'restore.swap');
  let world: CrashWorld;
  let series: KillSeries;
  const journal = () => join(world.fixture.folder, 'journal');
  beforeAll(async () => {
    world = await open();
    series = new KillSeries(world.settings, journal());
  });
  afterAll(async () => {
    await series?.close();
    await world?.remove();
  });

  it('at every step ends each run right, with no duplicate and no orphan', {
    timeout: 1_200_000,
  }, async () => {
    const backupId = await backUp();
    const target = world.newEnvironment('crash-restored');
    await restore(backupId, target);
    if (isAll) {
      await swap(backupId, target);
      await remove(backupId);
      await sweep(backupId);
    }
    // Every step was reached, and none was ever at work in two processes at a time.
    const reached = new Set((await readJournal(journal())).map(({ step }) => step));
    const wanted = isAll
      ? ['backup', 'restore', 'delete', 'sweep'].flatMap(stepsOf)
      : [...stepsOf('backup'), ...ofRestore];
    expect(reached).toEqual(new Set(wanted));
  });

  async function withService<T>(work: (service: LocalService) => Promise<T>): Promise<T> {
    const service = await world.fixture.open(world.settings);
    try {
      return await work(service);
    } finally {
      await service.close();
    }
  }

  const keysOf = async (store: ObjectStore) => {
    const keys: string[] = [];
    for await (const { key } of store.list()) keys.push(key);
    return keys;
  };
  const backupKeys = (service: LocalService) =>
    keysOf(service.provider.objectStore(world.source.environment.backups.location));
  const ofBackup = (keys: readonly string[], id: string) =>
    keys.filter((key) => key.startsWith(`retail/prd/backups/${id}/`));

  async function backUp(): Promise<string> {
    const hooks = await hookServer();
    const source = hooked(world.source, hooks, { maxQuiesceSeconds: 3600 });
    const request: BackupRequest = backupRequest(source, { consistency: 'quiesce' });
    await series.runThrough(request, killsAt(stepsOf('backup')));
    // Each was asked again after a kill, under the id that it had before; and the environment goes on.
    const asked = askedOf(hooks);
    await hooks.close();
    expect([...new Set(asked)]).toEqual([
      expect.stringMatching(/^quiesce .*-quiesce-1$/),
      expect.stringMatching(/^resume .*-resume-1$/),
    ]);
    expect(asked.at(-1)).toMatch(/^resume/);
    return withService(async (service) => {
      const { runs } = await service.catalog.forProject('retail').runs({ kind: 'backup', limit: 10 });
      expect(runs.map(({ state }) => state)).toEqual(['Succeeded']);
      const backupId = runs[0]?.runId ?? '';
      const { problems, artefacts, objects } = await verify(service, world.source, backupId);
      expect(problems).toEqual([]);
      // The manifest, everything that it leads to, one anchor of the audit chain, and not an object more.
      const keys = await backupKeys(service);
      expect(ofBackup(keys, backupId)).toHaveLength(1 + artefacts + objects);
      expect(keys).toHaveLength(ofBackup(keys, backupId).length + 1);
      return backupId;
    });
  }

  const scripts = () => [
    { name: 'again.sql', sql: `UPDATE ${world.companyTable} SET companyId = companyId` },
  ];

  async function expectSame(target: PlacedEnvironment) {
    const report = await compareEnvironments({ a: world.compared(world.source), b: world.compared(target) });
    expect(report.differences).toEqual([]);
    expect(report.equal).toBe(true);
  }

  /** What a restore over it has to take away. */
  async function leaveSomething({ environment }: PlacedEnvironment) {
    const location = environment.documentLibrary?.location ?? '';
    await withService((service) =>
      service.provider
        .objectStore(location)
        .put('left over', Readable.from([Buffer.from('nobody knows this')])),
    );
  }

  /** Into a new environment, and then in place of what lies there. */
  async function restore(backupId: string, target: PlacedEnvironment) {
    const anew = { ...restoreRequest(world.source, backupId, target), scripts: scripts() };
    await series.runThrough(anew, killsAt(ofRestore));
    await expectSame(target);
    await leaveSomething(target);
    const inPlace = replacingRequest(world.source, backupId, target, {
      safetyBackup: { kind: 'refused' },
      scripts: scripts(),
    });
    await series.runThrough(inPlace, killsAt(ofRestore));
    await expectSame(target);
  }

  async function swap(backupId: string, target: PlacedEnvironment) {
    await leaveSomething(target);
    const request = replacingRequest(world.source, backupId, target, {
      mode: 'swap',
      safetyBackup: undefined,
      scripts: scripts(),
    });
    await series.runThrough(request, killsAt(stepsOf('restore')));
    await expectSame(target);
  }

  async function remove(backupId: string) {
    const before = await withService(backupKeys);
    const request = { ...deleteRequest(world.source, backupId), graceSeconds: 0 };
    await series.runThrough(request, killsAt(stepsOf('delete')));
    await withService(async (service) => {
      expect(await service.catalog.forProject('retail').run(backupId)).toMatchObject({
        deletedAt: expect.any(String),
      });
      const late = restoreRequest(world.source, backupId, world.newEnvironment('late'));
      expect(await runToEnd(service, late)).toMatchObject({
        state: 'Failed',
        error: { code: 'backup.deleted' },
      });
      const left = await backupKeys(service);
      expect(ofBackup(left, backupId)).toEqual(ofBackup(before, backupId));
      expect(left.filter((file) => file.endsWith('-audit.json'))).toHaveLength(6);
      expect(left.filter((file) => file.includes('-delete-') && !file.endsWith('-audit.json'))).toHaveLength(
        1,
      );
    });
  }

  /** Nothing needs it any more: all of it goes, and nothing else. */
  async function sweep(backupId: string) {
    const before = await withService(backupKeys);
    await series.runThrough(sweepRequest(world.source), killsAt(stepsOf('sweep')));
    await withService(async (service) => {
      const left = await backupKeys(service);
      expect(ofBackup(left, backupId)).toEqual([]);
      const others = before.filter((key) => !ofBackup(before, backupId).includes(key));
      expect(left).toEqual(expect.arrayContaining(others));
      expect(left).toHaveLength(others.length + 1);
    });
  }
}
