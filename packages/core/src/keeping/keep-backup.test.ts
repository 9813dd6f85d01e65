import { beforeEach, describe, expect, it } from 'vitest';
import type { Backup } from '../model/run.ts';
import { manifestKey } from '../repository/layout.ts';
import { writeRecord } from '../repository/record.ts';
import { backupRun } from '../testing/backup-run.ts';
import { environment } from '../testing/library-backup.ts';
import { MemoryStore } from '../testing/memory-store.ts';
import { sequenceClock } from '../testing/sequence-clock.ts';
import { stubCatalog } from '../testing/stub-catalog.ts';
import { testSigner } from '../testing/test-signer.ts';
import { type Keeping, pinBackup, undeleteBackup, unpinBackup } from './keep-backup.ts';
import { readStanding } from './read-standing.ts';

const at = '2025-11-10T00:00:00.000Z';

describe('the record of a pin or an undeletion', () => {
  const signer = testSigner();
  let store: MemoryStore;
  let backup: Backup;
  let calls: number;
  /** The catalog's own say. */
  let refusal: Error | undefined;

  beforeEach(() => {
    store = new MemoryStore();
    calls = 0;
    refusal = undefined;
    backup = {
      ...backupRun({ state: 'Succeeded' }),
      sealed: {
        manifestSha256: 'a'.repeat(64),
        attempt: 1,
        sealedAt: at,
        dataTime: { from: at, to: at },
        base: null,
      },
    };
  });

  function keeping(now = at): Keeping {
    calls += 1;
    const answer = async () => {
      if (refusal !== undefined) throw refusal;
      return backup;
    };
    const catalog = stubCatalog({
      project: { setPinned: answer, setUndeleted: answer, runs: async () => ({ runs: [] }) },
    });
    return {
      project: catalog.forProject('retail'),
      store,
      signer,
      trustedKeys: async () => [signer.trusted],
      clock: sequenceClock(now),
      actor: 'ada',
      correlationId: `call-${calls}`,
    };
  }
  const standing = async () =>
    (await readStanding(store, environment, backup.runId, [signer.trusted])).standing;
  const remove = (when: string) =>
    writeRecord(store, signer, sequenceClock(when), environment, 'deletion', {
      type: 'deleted',
      at: when,
      actor: 'ada',
      backupId: backup.runId,
    });

  it('is written once, however often it is asked for', async () => {
    for (let time = 0; time < 3; time += 1) await pinBackup(keeping(), backup, 'audit');
    expect(store.keys()).toHaveLength(1);
    expect((await standing()).pinned).toMatchObject({ reason: 'audit' });
    for (let time = 0; time < 3; time += 1) await unpinBackup(keeping(), backup);
    expect(store.keys()).toHaveLength(2);
    expect(await standing()).toEqual({});
  });

  it('comes after what it changes, also where the clock was put back', async () => {
    await pinBackup(keeping('2025-11-10T00:00:00.000Z'), backup, undefined);
    await unpinBackup(keeping('2025-11-01T00:00:00.000Z'), backup);
    expect(await standing()).toEqual({});
  });

  it('is not written where the catalog refuses', async () => {
    refusal = new Error('busy');
    await expect(pinBackup(keeping(), backup, undefined)).rejects.toBe(refusal);
    expect(store.keys()).toEqual([]);
  });

  it('of an undeletion comes before the catalog is changed, and heals one that was cut off', async () => {
    await store.put(manifestKey(environment, backup.runId), Buffer.from('{}'));
    await remove('2025-11-09T00:00:00.000Z');
    const deleted = { ...backup, deletedAt: at, deletedUntil: '2025-11-16T00:00:00.000Z' };
    refusal = new Error('killed here');
    await expect(undeleteBackup(keeping(), deleted)).rejects.toBe(refusal);
    expect(await standing()).toEqual({});
    refusal = undefined;
    await undeleteBackup(keeping(), deleted);
    expect(store.keys()).toHaveLength(3);
  });

  it('of an undeletion is of no use where a sweep was first', async () => {
    await remove('2025-11-09T00:00:00.000Z');
    const deleted = { ...backup, deletedAt: at, deletedUntil: '2025-11-16T00:00:00.000Z' };
    refusal = new Error('the catalog was to be left alone');
    await expect(undeleteBackup(keeping(), deleted)).rejects.toMatchObject({ code: 'backup.gone' });
    // Neither does a catalog help that knows nothing of the deletion.
    const past = keeping('2026-01-01T00:00:00.000Z');
    await expect(undeleteBackup(past, { ...backup })).rejects.toMatchObject({ code: 'backup.gone' });
    // Nor is it put on record: only the deletion is.
    expect(store.keys()).toHaveLength(1);
  });

  it('is refused after the time of grace, for a deleted backup that is to be pinned, and for one never sealed', async () => {
    await remove('2025-11-01T00:00:00.000Z');
    const deleted = { ...backup, deletedAt: at, deletedUntil: '2025-11-09T00:00:00.000Z' };
    await expect(undeleteBackup(keeping(), deleted)).rejects.toMatchObject({ code: 'backup.graceOver' });
    await expect(pinBackup(keeping(), deleted, undefined)).rejects.toMatchObject({ code: 'backup.deleted' });
    const unsealed = backupRun({ state: 'Failed' });
    await expect(pinBackup(keeping(), unsealed, undefined)).rejects.toMatchObject({
      code: 'backup.unsealed',
    });
    expect(store.keys()).toHaveLength(1);
  });
});
