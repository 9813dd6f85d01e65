import { describe, expect, it } from 'vitest';
import { emptyChainHash } from '../audit/chain.ts';
import { LcbError } from '../errors/lcb-error.ts';
import { type Restore, restoreSchema } from '../model/run.ts';
import type { UnitsStatus } from '../model/unit.ts';
import { MemoryStore } from '../testing/memory-store.ts';
import { sealBackup } from '../testing/sealed-backup.ts';
import { stepContext } from '../testing/step-context.ts';
import { toArray } from '../testing/streams.ts';
import { stubCatalog } from '../testing/stub-catalog.ts';
import { stubProvider } from '../testing/stub-provider.ts';
import { testSigner } from '../testing/test-signer.ts';
import { finishRestore } from './restore-finish.ts';

const input = { runId: 'retail-prd-restore-20251109-150000', projectId: 'retail' };
const backupId = 'retail-prd-backup-20251109-143000';
const at = '2025-11-09T15:00:00.000Z';
const refused = {
  state: 'Failed',
  error: { code: 'restore.targetOccupied', message: 'It holds data.', retryable: false },
} as const;

function restoreRun(units: UnitsStatus): Restore {
  const about = { projectId: 'retail', requestedAt: at };
  return restoreSchema.parse({
    kind: 'restore',
    runId: input.runId,
    environment: 'copy',
    state: 'InProgress',
    units,
    epoch: 1,
    cancelRequested: false,
    ...about,
    request: {
      kind: 'restore',
      requestId: 'r-2',
      initiator: 'ada',
      correlationId: 'c-2',
      environment: 'prd',
      backupId,
      backup: { environment: 'prd', location: 'memory://backups' },
      units: ['documentLibrary'],
      target: { environment: 'copy', documentLibrary: { location: 'memory://target' } },
      ...about,
    },
  });
}

/** A target that holds the very keys of the backup, and a catalog that keeps what it is told and can fail once. */
async function world(units: UnitsStatus, failOnce: { finish: boolean }) {
  const [library, backups, target] = ['library', 'backups', 'target'].map(
    (name) => new MemoryStore({ location: `memory://${name}` }),
  );
  if (library === undefined || backups === undefined || target === undefined)
    throw new RangeError('three stores');
  for (const key of ['a', 'b']) {
    await library.put(key, Buffer.from(key));
    await target.put(key, Buffer.from(`production ${key}`));
  }
  const signer = testSigner();
  await sealBackup({ source: library, backups, backupId, signer });
  let run = restoreRun(units);
  const catalog = stubCatalog({
    platform: { checkLease: async () => undefined },
    project: {
      run: async () => run,
      setUnit: async (_lease, unit, status) => {
        run = restoreRun({ ...run.units, [unit]: { ...run.units[unit], ...status } });
      },
      addResult: async (_lease, result) => {
        run = { ...run, result: { ...run.result, ...result } };
      },
      finish: async (_lease, outcome) => {
        if (failOnce.finish) {
          failOnce.finish = false;
          throw new LcbError({ code: 'catalog.unavailable', message: 'Gone for a moment.', retryable: true });
        }
        return { ...run, state: outcome.state, completedAt: at };
      },
      auditHead: async () => ({ chain: 'retail', sequence: 0, hash: emptyChainHash }),
    },
  });
  const provider = stubProvider({
    objectStore: (location) => (location === 'memory://backups' ? backups : target),
    stopOperations: async () => undefined,
  });
  const context = stepContext({ catalog, provider, signer, trustedKeys: async () => [signer.trusted] });
  const keys = async () => (await toArray(target.list())).map(({ key }) => key);
  return { context, keys, backups };
}

describe('finishing a restore', () => {
  it('that was refused leaves its target as it was, also when the step is repeated', async () => {
    const { context, keys } = await world({ documentLibrary: { state: 'Pending' } }, { finish: true });
    await expect(finishRestore({ ...input, outcome: refused }, context)).rejects.toMatchObject({
      retryable: true,
    });
    expect(await keys()).toEqual(['a', 'b']);
    expect(await finishRestore({ ...input, outcome: refused }, context)).toEqual({ state: 'Failed' });
    expect(await keys()).toEqual(['a', 'b']);
  });

  it('that was refused before any unit was looked at leaves its target as it was', async () => {
    const { context, keys } = await world({}, { finish: false });
    await finishRestore({ ...input, outcome: { state: 'Cancelled' } }, context);
    expect(await keys()).toEqual(['a', 'b']);
  });

  it.each(['InProgress', 'Succeeded'] as const)(
    'that failed with a unit %s clears what it restored',
    async (state) => {
      const { context, keys } = await world({ documentLibrary: { state } }, { finish: true });
      await expect(finishRestore({ ...input, outcome: refused }, context)).rejects.toMatchObject({
        retryable: true,
      });
      expect(await keys()).toEqual([]);
      expect(await finishRestore({ ...input, outcome: refused }, context)).toEqual({ state: 'Failed' });
    },
  );

  it('that succeeded touches nothing', async () => {
    const { context, keys } = await world({ documentLibrary: { state: 'Succeeded' } }, { finish: false });
    expect(await finishRestore({ ...input, outcome: { state: 'Succeeded' } }, context)).toEqual({
      state: 'Succeeded',
    });
    expect(await keys()).toEqual(['a', 'b']);
  });

  it('that had done all it was asked for takes nothing back, whatever became of the run', async () => {
    const { context, keys, backups } = await world(
      { documentLibrary: { state: 'Succeeded' } },
      { finish: false },
    );
    const remove = backups.deleteMany.bind(backups);
    backups.deleteMany = () =>
      Promise.reject(new LcbError({ code: 'objectStore.unavailable', message: 'Gone.', retryable: true }));
    await backups.put(`retail/prd/restores/${input.runId}/plan.json`, Buffer.from('{}'));
    await expect(finishRestore({ ...input, outcome: { state: 'Succeeded' } }, context)).rejects.toMatchObject(
      {
        retryable: true,
      },
    );
    backups.deleteMany = remove;
    const lost = { code: 'run.lost', message: 'The run was lost.', retryable: false };
    expect(await finishRestore({ ...input, outcome: { state: 'Failed', error: lost } }, context)).toEqual({
      state: 'Succeeded',
    });
    expect(await keys()).toEqual(['a', 'b']);
  });

  it('is not held up by a location that nothing is removed from', async () => {
    const { context, backups } = await world({ documentLibrary: { state: 'Succeeded' } }, { finish: false });
    await backups.put(`retail/prd/restores/${input.runId}/plan.json`, Buffer.from('{}'));
    backups.deleteMany = () =>
      Promise.reject(new LcbError({ code: 'objectStore.denied', message: 'Locked.' }));
    expect(await finishRestore({ ...input, outcome: { state: 'Succeeded' } }, context)).toEqual({
      state: 'Succeeded',
    });
  });
});
