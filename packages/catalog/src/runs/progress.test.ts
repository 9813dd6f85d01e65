import { describe, expect, it } from 'vitest';
import { useCatalogServer, withPostgres } from '../testing/catalog-server.ts';
import {
  auditEvent,
  backupRequest,
  begin,
  collect,
  completeBackup,
  deleteRequest,
  restoreRequest,
  sweepRequest,
} from '../testing/examples.ts';

const sealed = {
  manifestSha256: 'b'.repeat(64),
  attempt: 1,
  sealedAt: '2025-11-09T14:32:00.000Z',
  dataTime: { from: '2025-11-09T14:30:01.000Z', to: '2025-11-09T14:30:02.000Z' },
  base: null,
};
const error = { code: 'dump.failed', message: 'pg_dump ended with 1', retryable: false };

withPostgres('runs', () => {
  const server = useCatalogServer();

  describe('the progress of a run', () => {
    it('goes by the legal transitions', async () => {
      const { catalog } = await server.fresh();
      const project = catalog.forProject('retail');
      const { run, lease } = await begin(catalog, backupRequest());
      const illegal = { code: 'state.illegalTransition' };
      await expect(project.setState(lease, 'Validating')).rejects.toMatchObject(illegal);
      await expect(project.finish(lease, { state: 'Succeeded' }, auditEvent())).rejects.toMatchObject(
        illegal,
      );
      await project.setState(lease, 'InProgress');
      const started = await project.run(run.runId);
      expect(started).toMatchObject({ state: 'InProgress', startedAt: expect.stringMatching(/^20.*Z$/) });
      await project.setState(lease, 'InProgress');
      await project.setState(lease, 'Validating');
      await expect(project.setState(lease, 'Succeeded')).rejects.toMatchObject(illegal);
      expect(await project.run(run.runId)).toEqual({ ...started, state: 'Validating' });
    });

    it('merges what is told of each unit', async () => {
      const { catalog } = await server.fresh();
      const project = catalog.forProject('retail');
      const { run, lease } = await begin(catalog, backupRequest());
      await Promise.all([
        project.setUnit(lease, 'database', { state: 'InProgress', bytes: 10 }),
        project.setUnit(lease, 'documentLibrary', { state: 'InProgress', objects: 3 }),
        project.setUnit(lease, 'database', { progress: 50 }),
        project.setUnit(lease, 'search', { state: 'Skipped' }),
      ]);
      await project.setUnit(lease, 'database', {
        bytes: 20,
        error: { ...error, message: 'last line: \u0000' },
      });
      const units = (await project.run(run.runId))?.units;
      expect(units).toEqual({
        database: {
          state: 'InProgress',
          bytes: 20,
          progress: 50,
          error: { ...error, message: 'last line: \ufffd' },
        },
        documentLibrary: { state: 'InProgress', objects: 3 },
        search: { state: 'Skipped' },
      });
      expect(Object.keys(units ?? {})).toEqual(['database', 'documentLibrary', 'search']);
      await expect(project.setUnit(lease, 'database', { bytes: -1 })).rejects.toMatchObject({
        code: 'request.invalid',
      });
    });

    it('keeps what was sealed, of backups alone', async () => {
      const { catalog } = await server.fresh();
      const project = catalog.forProject('retail');
      const { run, lease } = await begin(catalog, backupRequest());
      await project.setSealed(lease, sealed);
      await project.setSealed(lease, sealed);
      expect(await project.run(run.runId)).toMatchObject({ sealed });
      const restore = await begin(catalog, restoreRequest('uat'));
      await expect(project.setSealed(restore.lease, sealed)).rejects.toMatchObject({
        code: 'request.invalid',
      });
    });

    it('keeps what a sweep removed, of sweeps alone', async () => {
      const { catalog } = await server.fresh();
      const project = catalog.forProject('retail');
      const { run, lease } = await begin(catalog, sweepRequest());
      const result = { objects: 2, bytes: 30, isComplete: false };
      for (let times = 0; times < 2; times += 1) await project.setSwept(lease, result);
      expect(await project.run(run.runId)).toMatchObject({ kind: 'sweep', result });
      await expect(project.setSwept({ ...lease, epoch: lease.epoch + 1 }, result)).rejects.toMatchObject({
        code: 'lease.lost',
      });
      const restore = await begin(catalog, restoreRequest('uat'));
      await expect(project.setSwept(restore.lease, result)).rejects.toMatchObject({
        code: 'request.invalid',
      });
    });

    it('marks a backup as deleted by the run that deletes it, once', async () => {
      const { catalog } = await server.fresh();
      const project = catalog.forProject('retail');
      const backup = await completeBackup(catalog, backupRequest());
      const other = await completeBackup(catalog, backupRequest());
      const { lease } = await begin(catalog, deleteRequest(backup.runId));
      await project.setDeleted(lease, backup.runId);
      const deleted = await project.run(backup.runId);
      expect(deleted).toMatchObject({ deletedAt: expect.stringMatching(/Z$/) });
      await project.setDeleted(lease, backup.runId);
      expect(await project.run(backup.runId)).toEqual(deleted);
      await expect(project.setDeleted(lease, other.runId)).rejects.toMatchObject({ code: 'request.invalid' });
      await project.setState(lease, 'InProgress');
      await project.finish(lease, { state: 'Succeeded' }, auditEvent());
      await expect(project.setDeleted(lease, backup.runId)).rejects.toMatchObject({ code: 'lease.lost' });

      const gone = await begin(catalog, deleteRequest('retail-prd-backup-20200101-000000'));
      const missing = project.setDeleted(gone.lease, 'retail-prd-backup-20200101-000000');
      await expect(missing).rejects.toMatchObject({ code: 'run.notFound' });
    });

    it('ends once: state, lease, audit entry and event together', async () => {
      const { catalog, admin } = await server.fresh();
      const project = catalog.forProject('retail');
      const { run, lease } = await begin(catalog, backupRequest());
      const event = auditEvent({ action: 'backup.failed', result: 'failed', subject: run.runId });
      const ended = await project.finish(lease, { state: 'Failed', error }, event);
      expect(ended).toMatchObject({
        state: 'Failed',
        error,
        completedAt: expect.stringMatching(/Z$/),
        epoch: lease.epoch,
      });
      expect(await catalog.platform.admitted()).toEqual([]);
      expect(await project.finish(lease, { state: 'Failed', error }, event)).toEqual(ended);

      const lost = { code: 'lease.lost' };
      await expect(project.finish(lease, { state: 'Cancelled' }, event)).rejects.toMatchObject(lost);
      const older = { ...lease, epoch: lease.epoch - 1 };
      await expect(project.finish(older, { state: 'Failed', error }, event)).rejects.toMatchObject(lost);
      await expect(project.setState(lease, 'InProgress')).rejects.toMatchObject(lost);
      await expect(project.setUnit(lease, 'database', { progress: 1 })).rejects.toMatchObject(lost);
      await expect(project.setSealed(lease, sealed)).rejects.toMatchObject(lost);

      const entries = await collect(project.auditEntries());
      expect(entries.map(({ action }) => action)).toEqual(['backup.requested', 'backup.failed']);
      const types = (await catalog.platform.pendingEvents(10)).map(({ type }) => type);
      expect(types).toEqual(['cloud.liferay.backup.requested.v1', 'cloud.liferay.backup.failed.v1']);
      expect((await admin.query('select * from lcb.leases')).rows).toEqual([]);
    });

    it('ends once, also when it is ended many times at once', async () => {
      const { catalog } = await server.fresh();
      const project = catalog.forProject('retail');
      const { lease } = await begin(catalog, backupRequest());
      const ended = await Promise.all(
        Array.from({ length: 10 }, () => project.finish(lease, { state: 'Cancelled' }, auditEvent())),
      );
      for (const run of ended) expect(run).toEqual(ended[0]);
      expect(await collect(project.auditEntries())).toHaveLength(2);
      expect(await catalog.platform.pendingEvents(10)).toHaveLength(2);
    });

    it('can not be written without a lease', async () => {
      const { catalog } = await server.fresh();
      const project = catalog.forProject('retail');
      const { run } = await project.recordRequest(backupRequest());
      const unadmitted = project.setState({ runId: run.runId, epoch: 0 }, 'InProgress');
      await expect(unadmitted).rejects.toMatchObject({ code: 'lease.lost' });
      const unknown = project.finish(
        { runId: 'x-y-backup-20251109-143000', epoch: 1 },
        { state: 'Cancelled' },
        auditEvent(),
      );
      await expect(unknown).rejects.toMatchObject({ code: 'run.notFound' });
    });
  });

  describe('cancelling a run', () => {
    const event = auditEvent({ actor: 'bob', action: 'backup.cancelRequested', result: 'accepted' });

    it('ends one that waits at once', async () => {
      const { catalog } = await server.fresh();
      const project = catalog.forProject('retail');
      const { run } = await project.recordRequest(backupRequest());
      const cancelled = await project.requestCancel(run.runId, event);
      expect(cancelled).toMatchObject({
        state: 'Cancelled',
        cancelRequested: true,
        units: { database: { state: 'Cancelled' }, documentLibrary: { state: 'Cancelled' } },
      });
      expect(await project.requestCancel(run.runId, event)).toEqual(cancelled);
      expect(await project.cancelRequested(run.runId)).toBe(true);
      expect(
        (await collect(project.auditEntries())).map(({ action, result }) => `${action} ${result}`),
      ).toEqual([
        'backup.requested accepted',
        'backup.cancelRequested accepted',
        'backup.cancelled cancelled',
      ]);
      expect((await catalog.platform.pendingEvents(10)).map(({ type }) => type)).toEqual([
        'cloud.liferay.backup.requested.v1',
        'cloud.liferay.backup.cancelled.v1',
      ]);
      expect(await catalog.platform.admit({ total: 9, perProject: 9, leaseSeconds: 60 })).toEqual([]);
    });

    it('leaves one that is at work to stop by itself', async () => {
      const { catalog } = await server.fresh();
      const project = catalog.forProject('retail');
      const { run, lease } = await begin(catalog, backupRequest());
      expect(await project.cancelRequested(run.runId)).toBe(false);
      expect(await project.requestCancel(run.runId, event)).toMatchObject({
        state: 'Pending',
        cancelRequested: true,
      });
      await project.requestCancel(run.runId, event);
      expect(await project.cancelRequested(run.runId)).toBe(true);
      expect(await collect(project.auditEntries())).toHaveLength(2);
      await project.finish(lease, { state: 'Cancelled' }, auditEvent({ action: 'backup.cancelled' }));
      expect(await project.requestCancel(run.runId, event)).toMatchObject({ state: 'Cancelled' });
      expect(await collect(project.auditEntries())).toHaveLength(3);
    });

    it('and admitting it at the same moment agree on what happened', async () => {
      const { catalog } = await server.fresh();
      const project = catalog.forProject('retail');
      for (let round = 0; round < 15; round += 1) {
        const { run } = await project.recordRequest(backupRequest({ environment: `env-${round}` }));
        const [cancelled, admitted] = await Promise.all([
          project.requestCancel(run.runId, event),
          catalog.platform.admit({ total: 100, perProject: 100, leaseSeconds: 60 }),
        ]);
        expect(cancelled.state).toBe(admitted.length === 0 ? 'Cancelled' : 'Pending');
        expect(await project.cancelRequested(run.runId)).toBe(true);
      }
    });
  });
});
