import type { Backup } from '@lcb/core';
import { beforeEach, expect, it } from 'vitest';
import type { PostgresCatalog } from '../open-catalog.ts';
import { useCatalogServer, withPostgres } from '../testing/catalog-server.ts';
import { auditEvent, backupRequest, begin, completeBackup } from '../testing/examples.ts';

withPostgres('rebuilding the catalog', () => {
  const server = useCatalogServer();
  let catalog: PostgresCatalog;
  const project = () => catalog.forProject('retail');

  beforeEach(async () => {
    ({ catalog } = await server.fresh());
  });

  function rebuilt(changes: Partial<Backup> = {}): Backup {
    return {
      kind: 'backup',
      runId: 'retail-prd-backup-20251101-000000',
      projectId: 'retail',
      environment: 'prd',
      state: 'Succeeded',
      units: { database: { state: 'Succeeded', usable: true, bytes: 7 } },
      epoch: 0,
      cancelRequested: false,
      requestedAt: '2025-11-01T00:00:00.000Z',
      completedAt: '2025-11-01T00:05:00.000Z',
      request: backupRequest({ requestId: 'rebuilt', requestedAt: '2025-11-01T00:00:00.000Z' }),
      sealed: {
        manifestSha256: 'b'.repeat(64),
        attempt: 1,
        sealedAt: '2025-11-01T00:05:00.000Z',
        dataTime: { from: '2025-11-01T00:00:01.000Z', to: '2025-11-01T00:00:02.000Z' },
        base: null,
      },
      ...changes,
    };
  }

  it('creates a row as if the backup had been made here, once', async () => {
    const backup = rebuilt();
    expect(await project().rebuildBackup(backup)).toBe('created');
    expect(await project().rebuildBackup(backup)).toBe('unchanged');
    expect(await project().run(backup.runId)).toEqual({ ...backup, rebuiltAt: expect.stringMatching(/Z$/) });
    expect((await project().latestBackup('prd', 'database'))?.runId).toBe(backup.runId);
  });

  it('brings deletions and pins up to date, and nothing else', async () => {
    await project().rebuildBackup(rebuilt());
    const deletedAt = '2025-11-02T00:00:00.000Z';
    const pinned = { at: deletedAt, reason: 'audit' };
    expect(await project().rebuildBackup(rebuilt({ deletedAt, pinned, units: {} }))).toBe('updated');
    expect(await project().run(rebuilt().runId)).toMatchObject({ deletedAt, pinned, units: rebuilt().units });
    expect(await project().rebuildBackup(rebuilt())).toBe('updated');
    expect(await project().run(rebuilt().runId)).not.toHaveProperty('deletedAt');
  });

  it('touches no row of another manifest, of a run that is not over, or of another project', async () => {
    const made = await completeBackup(catalog, backupRequest());
    expect(await project().rebuildBackup(rebuilt({ runId: made.runId }))).toBe('conflict');
    const { run } = await begin(catalog, backupRequest({ environment: 'uat' }));
    expect(await project().rebuildBackup(rebuilt({ runId: run.runId }))).toBe('conflict');
    const request = backupRequest({ projectId: 'bank', requestId: 'rebuilt' });
    const taken = rebuilt({ runId: made.runId, projectId: 'bank', request });
    expect(await catalog.forProject('bank').rebuildBackup(taken)).toBe('conflict');
    expect(await catalog.forProject('bank').run(made.runId)).toBeUndefined();
    expect(await project().run(made.runId)).toEqual(made);
  });

  it('refuses what is not sealed, and what is of another project', async () => {
    const { sealed: _sealed, ...unsealed } = rebuilt();
    await expect(project().rebuildBackup(unsealed)).rejects.toMatchObject({ code: 'request.invalid' });
    await expect(catalog.forProject('bank').rebuildBackup(rebuilt())).rejects.toMatchObject({
      code: 'request.invalid',
    });
  });

  it('blocks sweeps from the first time on', async () => {
    expect(await project().sweepsBlockedSince()).toBeUndefined();
    await project().recordRebuild(auditEvent({ action: 'catalog.rebuilt' }));
    const since = await project().sweepsBlockedSince();
    expect(since).toMatch(/Z$/);
    await project().recordRebuild(auditEvent({ action: 'catalog.rebuilt' }));
    expect(await project().sweepsBlockedSince()).toBe(since);
    expect(await catalog.forProject('bank').sweepsBlockedSince()).toBeUndefined();
  });

  it('allows sweeps again when somebody says so, with one entry in the audit', async () => {
    const confirmed = auditEvent({ action: 'catalog.confirmed' });
    await project().recordRebuild(auditEvent({ action: 'catalog.rebuilt' }));
    await catalog.forProject('bank').allowSweeps(confirmed);
    expect(await project().sweepsBlockedSince()).toMatch(/Z$/);
    for (let times = 0; times < 2; times += 1) await project().allowSweeps(confirmed);
    expect(await project().sweepsBlockedSince()).toBeUndefined();
    const actions: string[] = [];
    for await (const { action } of project().auditEntries()) actions.push(action);
    expect(actions.filter((action) => action === 'catalog.confirmed')).toHaveLength(1);
  });
});
