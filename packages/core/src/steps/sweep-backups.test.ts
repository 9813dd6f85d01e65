import { beforeEach, describe, expect, it } from 'vitest';
import { LcbError } from '../errors/lcb-error.ts';
import { type Run, sweepSchema } from '../model/run.ts';
import { environmentSearchSchema, type SearchSnapshot } from '../model/search.ts';
import { backupPrefix, environmentPrefix, manifestKey } from '../repository/layout.ts';
import { writeRecord } from '../repository/record.ts';
import { backupRun } from '../testing/backup-run.ts';
import { environment } from '../testing/library-backup.ts';
import { MemoryStore } from '../testing/memory-store.ts';
import { sealBackup } from '../testing/sealed-backup.ts';
import { sequenceClock } from '../testing/sequence-clock.ts';
import { stepContext } from '../testing/step-context.ts';
import { stubCatalog } from '../testing/stub-catalog.ts';
import { stubProvider } from '../testing/stub-provider.ts';
import { testSigner } from '../testing/test-signer.ts';
import type { SweepCursor } from '../workflow/step-table.ts';
import { planSweep, removeReclaimable } from './sweep-backups.ts';

const now = '2025-12-01T00:00:00.000Z';
const ids = [0, 1, 2].map((number) => `retail-prd-backup-2025110${number + 1}-143000`);
const runId = 'retail-prd-sweep-20251201-000000';
const input = { runId, projectId: 'retail' };
const snapshot: SearchSnapshot = {
  type: 'snapshot',
  repository: { name: 'lcb', type: 'fs', settings: {} },
  snapshot: 'x',
  indices: ['liferay-0'],
  shards: 1,
  documents: 1,
  version: 'opensearch 2.19.1',
};
const sweepRun = sweepSchema.parse({
  kind: 'sweep',
  runId,
  ...environment,
  state: 'InProgress',
  units: {},
  epoch: 1,
  cancelRequested: false,
  requestedAt: now,
  request: {
    kind: 'sweep',
    requestId: 'r-1',
    ...environment,
    initiator: 'ada',
    correlationId: 'c-1',
    requestedAt: now,
    location: 'memory://backups',
  },
});

describe.each([{ versions: false }, { versions: true }])('a sweep, with %j', (options) => {
  const signer = testSigner();
  let store: MemoryStore;
  let atWork: Run[];
  let blockedSince: string | undefined;
  let snapshotError: LcbError | undefined;
  let deletedSnapshots: string[];
  let known: Run;

  /** Three backups of the same objects, each complete in itself; the first two are deleted, one of them with a search snapshot. */
  beforeEach(async () => {
    store = new MemoryStore({ location: 'memory://backups', ...options });
    [atWork, blockedSince, snapshotError, deletedSnapshots] = [[], undefined, undefined, []];
    const source = new MemoryStore({ location: 'memory://library' });
    for (const key of ['a', 'b', 'c', 'd']) await source.put(key, Buffer.from(key));
    for (const [number, backupId] of ids.entries()) {
      const sealed = await sealBackup({ source, backups: store, backupId, signer });
      if (number === 1) {
        await store.deleteMany([{ key: manifestKey(environment, backupId) }]);
        const units = { ...sealed.manifest.units, search: snapshot };
        await sealBackup({ source, backups: store, backupId, signer, manifest: { units } });
      }
      if (number === 2) continue;
      await writeRecord(store, signer, sequenceClock(), environment, `deleted-${number}`, {
        type: 'deleted',
        at: `2025-11-1${number}T00:00:00.000Z`,
        actor: 'ada',
        backupId,
        until: '2025-11-12T00:00:00.000Z',
      });
    }
    const search = environmentSearchSchema.parse({
      url: 'http://search:9200',
      indices: ['liferay-*'],
      repository: snapshot.repository,
    });
    const made = backupRun({ runId: ids[1] ?? '', state: 'Succeeded' });
    known = { ...made, request: { ...made.request, source: { ...made.request.source, search } } };
  });

  function contextOf(isTimeOver = () => false) {
    const catalog = stubCatalog({
      project: {
        run: async (id) => (id === runId ? sweepRun : known),
        runs: async () => ({ runs: atWork }),
        sweepsBlockedSince: async () => blockedSince,
        setState: async () => undefined,
      },
    });
    const provider = stubProvider({
      objectStore: () => store,
      deleteSearchSnapshot: async ({ attempt }) => {
        if (snapshotError !== undefined) throw snapshotError;
        deletedSnapshots.push(attempt.backupId);
      },
    });
    const trustedKeys = async () => [signer.trusted];
    return stepContext({ catalog, provider, signer, trustedKeys, clock: sequenceClock(now), isTimeOver });
  }
  const left = () => store.keys(`${environmentPrefix(environment)}backups/`).map((key) => key.split('/')[3]);

  it('removes the dead as a whole, and the others not at all', async () => {
    expect(await planSweep(input, contextOf())).toEqual({ dead: 2 });
    const kept = store.keys(backupPrefix(environment, ids[2] ?? ''));
    const { after, objects } = await removeReclaimable({ ...input, after: null }, contextOf());
    expect(after).toBeNull();
    expect(objects).toBeGreaterThan(10);
    expect(store.keys(`${environmentPrefix(environment)}backups/`)).toEqual(kept);
    expect(deletedSnapshots).toEqual([ids[1]]);
  });

  it('goes on where it was, also when its time is over after every key', async () => {
    let after: SweepCursor | null = null;
    let removed = 0;
    let calls = 0;
    do {
      const progress = await removeReclaimable(
        { ...input, after },
        contextOf(() => true),
      );
      after = progress.after;
      removed += progress.objects;
      calls += 1;
      expect(calls).toBeLessThan(200);
    } while (after !== null);
    expect(calls).toBeGreaterThan(10);
    expect(removed).toBeGreaterThan(10);
    expect(new Set(left())).toEqual(new Set([ids[2]]));
    if (options.versions)
      for await (const { key } of store.listVersions?.() ?? []) expect(key).not.toContain(ids[0]);
  });

  it('leaves a backup whose search snapshot could not be deleted, and does the others', async () => {
    snapshotError = new LcbError({ code: 'search.unreachable', message: 'No answer.', retryable: true });
    const removing = removeReclaimable({ ...input, after: null }, contextOf());
    await expect(removing).rejects.toBe(snapshotError);
    expect(new Set(left())).toEqual(new Set([ids[1], ids[2]]));
    known = backupRun({ runId: ids[1] ?? '', state: 'Succeeded' });
    await expect(removeReclaimable({ ...input, after: null }, contextOf())).rejects.toMatchObject({
      code: 'sweep.searchUnknown',
    });
  });

  it('leaves what runs at work read', async () => {
    atWork = [sweepRun, { ...backupRun({ runId: ids[0] ?? '' }) }];
    expect(await planSweep(input, contextOf())).toEqual({ dead: 1 });
  });

  it('is refused after a rebuild that nobody has looked at', async () => {
    blockedSince = now;
    await expect(planSweep(input, contextOf())).rejects.toMatchObject({ code: 'sweep.blocked' });
  });
});
