import type { Run } from '@lcb/core';
import { expect, it } from 'vitest';
import { useCatalogServer, withPostgres } from '../testing/catalog-server.ts';
import {
  auditEvent,
  backupRequest,
  begin,
  completeBackup,
  deleteRequest,
  restoreRequest,
} from '../testing/examples.ts';

const at = (minute: number) => `2025-11-09T14:${String(minute).padStart(2, '0')}:00.000Z`;
const ids = (runs: readonly Run[]) => runs.map(({ runId }) => runId);

withPostgres('listing runs', () => {
  const server = useCatalogServer();

  it('goes through all of them once, newest first, while new ones come', async () => {
    const { catalog } = await server.fresh();
    const project = catalog.forProject('retail');
    // Three in the same second, and one that says it is older than what was recorded before it.
    for (const minute of [1, 2, 3, 3, 3, 4, 0])
      await project.recordRequest(backupRequest({ requestedAt: at(minute) }));
    const all = ids((await project.runs({ limit: 1000 })).runs);
    expect(all).toEqual(
      ['1404', '1403-3', '1403-2', '1403', '1402', '1401', '1400'].map((name) => {
        const [time, suffix] = name.split('-');
        return `retail-prd-backup-20251109-${time}00${suffix === undefined ? '' : `-${suffix}`}`;
      }),
    );
    const seen: string[] = [];
    let token: string | undefined;
    do {
      const page = await project.runs({ limit: 2, ...(token === undefined ? {} : { pageToken: token }) });
      expect(page.runs.length).toBeGreaterThan(0);
      seen.push(...ids(page.runs));
      token = page.nextPageToken;
      await project.recordRequest(backupRequest({ requestedAt: at(50) }));
    } while (token !== undefined);
    expect(seen).toEqual(all);
  });

  it('filters by kind, environment, state, time and unit', async () => {
    const { catalog } = await server.fresh();
    const project = catalog.forProject('retail');
    const { run: old } = await project.recordRequest(
      backupRequest({ requestedAt: at(1), units: ['database'] }),
    );
    const { run: uat } = await project.recordRequest(
      backupRequest({ requestedAt: at(2), environment: 'uat' }),
    );
    const { run: restore } = await project.recordRequest(restoreRequest('test', { requestedAt: at(3) }));
    await project.requestCancel(uat.runId, auditEvent());
    const find = async (filter: object) => ids((await project.runs({ limit: 10, ...filter })).runs);
    expect(await find({ kind: 'backup' })).toEqual([uat.runId, old.runId]);
    expect(await find({ environment: 'test' })).toEqual([restore.runId]);
    expect(await find({ states: ['Cancelled'] })).toEqual([uat.runId]);
    expect(await find({ states: ['Cancelled', 'Pending'], kind: 'backup' })).toEqual([uat.runId, old.runId]);
    expect(await find({ states: [] })).toEqual([]);
    expect(await find({ from: at(2) })).toEqual([restore.runId, uat.runId]);
    expect(await find({ to: at(2) })).toEqual([old.runId]);
    expect(await find({ from: at(2), to: at(3) })).toEqual([uat.runId]);
    expect(await find({ unit: 'documentLibrary' })).toEqual([restore.runId, uat.runId]);
    expect(await find({ unit: 'search' })).toEqual([]);
  });

  it('refuses a filter that can not be meant', async () => {
    const project = (await server.fresh()).catalog.forProject('retail');
    for (const filter of [
      { limit: 0 },
      { limit: 1001 },
      { limit: 1.5 },
      { limit: 1, from: 'yesterday' },
      { limit: 1, pageToken: 'x' },
      { limit: 1, pageToken: Buffer.from('["2025-11-09",1]').toString('base64url') },
    ]) {
      await expect(project.runs(filter), JSON.stringify(filter)).rejects.toMatchObject({
        code: 'request.invalid',
      });
    }
  });

  it('finds the newest backup that another may build on', async () => {
    const { catalog } = await server.fresh();
    const project = catalog.forProject('retail');
    const latest = async (unit: 'database' | 'search') => (await project.latestBackup('prd', unit))?.runId;
    expect(await latest('database')).toBeUndefined();
    const first = await completeBackup(catalog, backupRequest({ requestedAt: at(1) }));
    const second = await completeBackup(catalog, backupRequest({ requestedAt: at(2) }));
    await completeBackup(catalog, backupRequest({ requestedAt: at(3), environment: 'uat' }));
    await completeBackup(catalog, backupRequest({ requestedAt: at(3), units: ['documentLibrary'] }));
    const failed = await begin(catalog, backupRequest({ requestedAt: at(4) }));
    const error = { code: 'internal', message: 'broken', retryable: false };
    await project.finish(failed.lease, { state: 'Failed', error }, auditEvent());
    await project.recordRequest(backupRequest({ requestedAt: at(5) }));
    expect(await latest('database')).toBe(second.runId);
    expect(await latest('search')).toBeUndefined();
    expect(await catalog.forProject('wholesale').latestBackup('prd', 'database')).toBeUndefined();

    await catalog.platform.admit({ total: 10, perProject: 10, leaseSeconds: 60 });
    const [open] = (await project.runs({ limit: 1, states: ['Pending'] })).runs;
    await project.finish(
      { runId: open?.runId ?? '', epoch: open?.epoch ?? 0 },
      { state: 'Cancelled' },
      auditEvent(),
    );
    const deletion = await begin(catalog, deleteRequest(second.runId));
    await project.setDeleted(deletion.lease, second.runId);
    expect(await latest('database')).toBe(first.runId);
  });
});
