import { describe, expect, it } from 'vitest';
import { IntegrityError } from '../errors/errors.ts';
import { LcbError } from '../errors/lcb-error.ts';
import type { ListOptions, ObjectStore } from '../ports/object-store.ts';
import { backupPrefix, manifestKey, recordsPrefix } from '../repository/layout.ts';
import type { Manifest } from '../repository/manifest.ts';
import { readRecords } from '../repository/record.ts';
import { backupRun } from '../testing/backup-run.ts';
import { backupWorld } from '../testing/backup-world.ts';
import { environment } from '../testing/library-backup.ts';
import { sealBackup } from '../testing/sealed-backup.ts';
import { toArray } from '../testing/streams.ts';
import { finishBackup } from './backup-finish.ts';

const run = { runId: 'retail-prd-backup-20251109-143000', projectId: 'retail' };
const prefix = backupPrefix(environment, run.runId);
const error = { code: 'dump.failed', message: 'broken', retryable: false };
const succeeded = { state: 'Succeeded' } as const;
const failed = { state: 'Failed', error } as const;
const cancelled = { state: 'Cancelled' } as const;

async function sealedWorld(manifest: Partial<Manifest> = {}) {
  const world = backupWorld(backupRun());
  for (const key of ['a', 'b', 'c']) await world.library.put(key, Buffer.from(key));
  const { backups, signer } = world;
  const made = await sealBackup({ source: world.library, backups, backupId: run.runId, signer, manifest });
  return { ...world, made };
}

describe('finishing a backup', () => {
  it.each([succeeded, failed, cancelled])(
    'that was sealed whole finds it Succeeded, though the run ended as %j',
    async (outcome) => {
      const { context, outcomes, sealed, units, asked, made } = await sealedWorld();
      expect(await finishBackup({ ...run, outcome }, context)).toEqual({ state: 'Succeeded' });
      expect(outcomes).toEqual([succeeded]);
      expect(sealed).toMatchObject([{ attempt: made.manifest.attempt, base: null }]);
      for (const unit of ['database', 'documentLibrary'] as const)
        expect(units.get(unit)).toMatchObject({ state: 'Succeeded', usable: true });
      expect(asked).toEqual([`stop ${run.runId}`]);
    },
  );

  it.each([succeeded, failed, cancelled])(
    'that was sealed without a unit finds it Failed, though the run ended as %j',
    async (outcome) => {
      const { manifest } = (await sealedWorld()).made;
      const { context, units } = await sealedWorld({
        units: { documentLibrary: manifest.units.documentLibrary },
        failedUnits: [{ unit: 'database', error }],
      });
      expect(await finishBackup({ ...run, outcome }, context)).toEqual({ state: 'Failed' });
      expect(units.get('database')).toMatchObject({ state: 'Failed', usable: false, error });
      expect(units.get('documentLibrary')).toMatchObject({ state: 'Succeeded', usable: true });
    },
  );

  it.each([
    [failed, failed],
    [cancelled, cancelled],
    [succeeded, { state: 'Failed', error: { code: 'manifest.missing' } }],
  ] as const)('that was not sealed leaves nothing of it: %j', async (outcome, expected) => {
    const { context, backups, outcomes, units, asked } = backupWorld(backupRun());
    const neighbour = `${backupPrefix(environment, `${run.runId}-2`)}objects/a`;
    for (const key of [
      `${prefix}attempts/1/library/plan.json`,
      `${prefix}objects/a`,
      `${prefix}objects/b`,
      neighbour,
    ]) {
      await backups.put(key, Buffer.from('x'));
    }
    await finishBackup({ ...run, outcome }, context);
    expect(outcomes).toMatchObject([expected]);
    expect(backups.keys(prefix)).toEqual([]);
    expect(backups.keys(neighbour)).toEqual([neighbour]);
    expect(asked).toEqual([
      `stop ${run.runId}`,
      ...[1, 2, 3].flatMap((attempt) => [`deleteDatabase ${attempt}`, `deleteLibrary ${attempt}`]),
    ]);
    expect(units.get('database')).toMatchObject({ state: expected.state, usable: false });
  });

  it('keeps what hangs from the manifest, removes the rest, and anchors the audit chain once', async () => {
    const { context, backups, made } = await sealedWorld({ attempt: 3 });
    const before = backups.keys(`${prefix}objects/`);
    const leftOver = [`${prefix}attempts/2/database/dump-0.sql`, `${prefix}objects/zzz`];
    for (const key of leftOver) await backups.put(key, Buffer.from('x'));
    await finishBackup({ ...run, outcome: succeeded }, context);
    const { dump, library, manifest, certificate } = made;
    const artefacts = [
      manifest.units.database?.description.path,
      dump.tables.path,
      ...dump.parts.map(({ path }) => path),
      ...dump.libraryRows.map(({ path }) => path),
      library.unit.index.path,
      ...library.index.parts.map(({ path }) => path),
      manifest.consistency.certificate?.artefact.path,
      certificate.findings?.path,
    ];
    expect(backups.keys(prefix)).toEqual(
      [...artefacts.map((path) => prefix + path), ...before, manifestKey(environment, run.runId)].sort(),
    );
    expect(backups.keys(recordsPrefix(environment))).toHaveLength(1);
    await finishBackup({ ...run, outcome: succeeded }, context);
    expect(backups.keys(recordsPrefix(environment))).toHaveLength(1);
  });

  it('lists no copies where the first attempt found all that it had listed', async () => {
    const { context, backups } = await sealedWorld();
    await backups.put(`${prefix}attempts/1/library/plan-00000.jsonl.zst`, Buffer.from('x'));
    const listed: (string | undefined)[] = [];
    const list = backups.list.bind(backups);
    Object.assign(backups, {
      list: (options: ListOptions) => {
        listed.push(options.prefix);
        return list(options);
      },
    });
    expect(await finishBackup({ ...run, outcome: succeeded }, context)).toEqual({ state: 'Succeeded' });
    expect(listed.filter((from) => from?.startsWith(prefix))).toEqual([`${prefix}attempts/`]);
    expect(backups.keys(`${prefix}attempts/`).filter((key) => key.includes('plan'))).toEqual([]);
  });

  it('removes nothing where the manifest can not be trusted', async () => {
    const { context, backups, outcomes } = await sealedWorld();
    const before = backups.keys(prefix);
    backups.tamper(manifestKey(environment, run.runId), (bytes) => bytes.subarray(1));
    expect(await finishBackup({ ...run, outcome: succeeded }, context)).toEqual({ state: 'Failed' });
    expect(outcomes).toMatchObject([
      { state: 'Failed', error: { code: new IntegrityError('', 'document.malformed').code } },
    ]);
    expect(backups.keys(prefix)).toEqual(before);
  });

  it.each([
    ['sealed', true],
    ['not sealed', false],
  ])('that was %s says so in the record of its end', async (_what, sealed) => {
    const world = sealed ? await sealedWorld() : backupWorld(backupRun());
    const { context, backups, signer } = world;
    await finishBackup({ ...run, outcome: failed }, context);
    const records = await toArray(readRecords(backups, environment, [signer.trusted]));
    expect(records.map(({ record }) => record)).toMatchObject([{ type: 'auditHead', sealed }]);
  });

  /** Every list that hangs from the manifest, and the units that can't be restored without it. */
  const lists = [
    ['database/dump.json', ['database']],
    ['library/index.json', ['documentLibrary']],
    ['library/index-00000-0000000000.jsonl.zst', ['documentLibrary']],
    ['consistency.json', []],
  ] as const;
  it.each(
    lists.flatMap(([list, lost]) => [
      { list, lost, how: 'cut' },
      { list, lost, how: 'gone' },
    ]),
  )('that was sealed, and whose $list is $how, ends it as Failed and removes nothing', async (damage) => {
    const { context, backups, outcomes, units } = await sealedWorld();
    const key = `${prefix}attempts/1/${damage.list}`;
    if (damage.how === 'cut') backups.tamper(key, (bytes) => bytes.subarray(1));
    else await backups.deleteMany([{ key }]);
    await backups.put(`${prefix}objects/zzz`, Buffer.from('x'));
    const before = backups.keys(prefix);
    expect(await finishBackup({ ...run, outcome: succeeded }, context)).toEqual({ state: 'Failed' });
    expect(outcomes).toMatchObject([
      { error: { retryable: false, message: expect.stringContaining('was sealed and is damaged') } },
    ]);
    expect(backups.keys(prefix)).toEqual(before);
    for (const unit of ['database', 'documentLibrary'] as const)
      expect(units.get(unit)).toMatchObject({ usable: !damage.lost.some((each) => each === unit) });
  });

  it('says both what failed first and what is damaged', async () => {
    const { manifest } = (await sealedWorld()).made;
    const { context, backups, outcomes } = await sealedWorld({
      units: { documentLibrary: manifest.units.documentLibrary },
      failedUnits: [{ unit: 'database', error }],
    });
    backups.tamper(`${prefix}attempts/1/library/index.json`, (bytes) => bytes.subarray(1));
    await finishBackup({ ...run, outcome: failed }, context);
    expect(outcomes).toMatchObject([
      { error: { code: error.code, message: expect.stringMatching(/^broken .*damaged/) } },
    ]);
  });

  const denied = new LcbError({ code: 'objectStore.denied', message: 'Removing is not allowed.' });
  const unremovable = (store: ObjectStore): ObjectStore =>
    Object.assign(store, { deleteMany: () => Promise.reject(denied) });

  it.each([failed, cancelled])(
    'that can not remove what was not sealed ends it, and says so: %j',
    async (outcome) => {
      const { context, backups, outcomes } = backupWorld(backupRun(), { backups: unremovable });
      await backups.put(`${prefix}objects/a`, Buffer.from('x'));
      expect(await finishBackup({ ...run, outcome }, context)).toEqual({ state: 'Failed' });
      expect(outcomes).toMatchObject([
        {
          error: {
            code: outcome.state === 'Failed' ? error.code : denied.code,
            message: expect.stringContaining(denied.message),
          },
        },
      ]);
    },
  );

  it('that can not remove leftovers of a good backup finds it good', async () => {
    const world = backupWorld(backupRun(), { backups: unremovable });
    await world.library.put('a', Buffer.from('a'));
    const { backups, signer, context } = world;
    await sealBackup({ source: world.library, backups, backupId: run.runId, signer });
    expect(await finishBackup({ ...run, outcome: succeeded }, context)).toEqual({ state: 'Succeeded' });
  });

  it('waits for a store that may remove it later', async () => {
    const later = new LcbError({ code: 'objectStore.throttled', message: 'Slow down.', retryable: true });
    const { context, outcomes } = backupWorld(backupRun(), {
      provider: { deleteDatabaseBackup: () => Promise.reject(later) },
    });
    await expect(finishBackup({ ...run, outcome: failed }, context)).rejects.toBe(later);
    expect(outcomes).toEqual([]);
  });

  it('settles nothing of a run that is over', async () => {
    const { context, outcomes, asked, units } = backupWorld(backupRun({ state: 'Cancelled' }));
    expect(await finishBackup({ ...run, outcome: succeeded }, context)).toEqual({ state: 'Cancelled' });
    expect([outcomes, asked, units.size]).toEqual([[], [], 0]);
  });
});
