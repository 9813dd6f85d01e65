import { beforeEach, expect, it } from 'vitest';
import type { PostgresCatalog } from '../open-catalog.ts';
import { useCatalogServer, withPostgres } from '../testing/catalog-server.ts';
import {
  auditEvent,
  backupRequest,
  begin,
  collect,
  completeBackup,
  deleteRequest,
} from '../testing/examples.ts';

withPostgres('keeping backups', () => {
  const server = useCatalogServer();
  let catalog: PostgresCatalog;
  let backupId: string;
  const project = () => catalog.forProject('retail');
  const event = (action: string) => auditEvent({ action, subject: backupId });
  const actions = async () => (await collect(project().auditEntries())).map(({ action }) => action);

  beforeEach(async () => {
    ({ catalog } = await server.fresh());
    backupId = (await completeBackup(catalog, backupRequest())).runId;
  });

  it('pins once, with the first reason, and unpins', async () => {
    const before = (await actions()).length;
    const pinned = await project().setPinned(backupId, { reason: 'audit' }, event('backup.pinned'));
    expect(pinned.pinned).toEqual({ at: expect.stringMatching(/Z$/), reason: 'audit' });
    const again = await project().setPinned(backupId, { reason: 'other' }, event('backup.pinned'));
    expect(again).toEqual(pinned);
    const unpinned = await project().setPinned(backupId, null, event('backup.unpinned'));
    expect(unpinned.pinned).toBeUndefined();
    await project().setPinned(backupId, null, event('backup.unpinned'));
    expect((await actions()).slice(before)).toEqual(['backup.pinned', 'backup.unpinned']);
  });

  it('neither pins nor undeletes while a deletion is not over', async () => {
    const { lease } = await begin(catalog, deleteRequest(backupId));
    await expect(project().setPinned(backupId, {}, event('backup.pinned'))).rejects.toMatchObject({
      code: 'environment.busy',
    });
    await project().setState(lease, 'InProgress');
    await project().setDeleted(lease, backupId);
    await expect(project().setUndeleted(backupId, event('backup.undeleted'))).rejects.toMatchObject({
      code: 'environment.busy',
    });
    await project().finish(lease, { state: 'Succeeded' }, auditEvent({ action: 'delete.succeeded' }));
    const undeleted = await project().setUndeleted(backupId, event('backup.undeleted'));
    expect(undeleted).not.toHaveProperty('deletedAt');
    expect(undeleted).not.toHaveProperty('deletedUntil');
  });

  it('gives the end of the time of grace from the deletion on, not from a clock that is behind, and anew for another one', async () => {
    const remove = async (requestedAt: string) => {
      const { lease } = await begin(catalog, deleteRequest(backupId, { requestedAt }));
      await project().setState(lease, 'InProgress');
      await project().setDeleted(lease, backupId);
      await project().finish(lease, { state: 'Succeeded' }, auditEvent({ action: 'delete.succeeded' }));
      const run = await project().run(backupId);
      return run?.kind === 'backup' ? run.deletedUntil : undefined;
    };
    const before = Date.now() - 60_000;
    const until = await remove('2025-11-09T15:00:00.000Z');
    // An hour from the moment on that the catalog's clock had.
    expect(Date.parse(until ?? '')).toBeGreaterThan(before + 3_600_000);
    await project().setUndeleted(backupId, event('backup.undeleted'));
    expect(await remove('2099-11-10T15:00:00.000Z')).toBe('2099-11-10T16:00:00.000Z');
  });

  it('knows nothing of another project', async () => {
    const other = catalog.forProject('bank');
    await expect(other.setPinned(backupId, {}, event('backup.pinned'))).rejects.toMatchObject({
      code: 'run.notFound',
    });
    await expect(other.setUndeleted(backupId, event('backup.undeleted'))).rejects.toMatchObject({
      code: 'run.notFound',
    });
  });
});
