import { expect, it } from 'vitest';
import { useCatalogServer, withPostgres } from '../testing/catalog-server.ts';
import { backupRequest, completeBackup } from '../testing/examples.ts';

withPostgres('the outbox', () => {
  const server = useCatalogServer();

  it('gives events oldest first until they are delivered', async () => {
    const { catalog } = await server.fresh();
    const { platform } = catalog;
    const request = backupRequest();
    const run = await completeBackup(catalog, request);
    await completeBackup(catalog, backupRequest({ projectId: 'wholesale' }));
    const events = await platform.pendingEvents(10);
    expect(events.map(({ id }) => id)).toEqual([
      `${run.runId}/cloud.liferay.backup.requested.v1`,
      `${run.runId}/cloud.liferay.backup.succeeded.v1`,
      'wholesale-prd-backup-20251109-143000/cloud.liferay.backup.requested.v1',
      'wholesale-prd-backup-20251109-143000/cloud.liferay.backup.succeeded.v1',
    ]);
    expect(events[1]).toEqual({
      specversion: '1.0',
      id: `${run.runId}/cloud.liferay.backup.succeeded.v1`,
      type: 'cloud.liferay.backup.succeeded.v1',
      source: '/projects/retail/environments/prd',
      subject: run.runId,
      time: run.completedAt,
      datacontenttype: 'application/json',
      data: {
        requestId: request.requestId,
        correlationId: request.correlationId,
        initiator: request.initiator,
        state: 'Succeeded',
        units: run.units,
      },
    });
    const [first, ...rest] = events;
    expect(await platform.pendingEvents(1)).toEqual([first]);
    await platform.markDelivered([first?.id ?? '', 'unknown']);
    await platform.markDelivered([first?.id ?? '']);
    expect(await platform.pendingEvents(10)).toEqual(rest);
    await platform.markDelivered(rest.map(({ id }) => id));
    expect(await platform.pendingEvents(10)).toEqual([]);
  });
});
