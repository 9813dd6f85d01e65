import { describe, expect, it } from 'vitest';
import { useCatalogServer, withPostgres } from '../testing/catalog-server.ts';
import {
  auditEvent,
  backupRequest,
  begin,
  completeBackup,
  deleteRequest,
  restoreRequest,
  verifyRequest,
} from '../testing/examples.ts';

const limits = { total: 10, perProject: 10, leaseSeconds: 60 };

withPostgres('admission and leases', () => {
  const server = useCatalogServer();

  describe('admission', () => {
    it('takes projects in turn, within the limits', async () => {
      const { catalog } = await server.fresh();
      const request = async (projectId: string, name: string) => {
        const { run } = await catalog
          .forProject(projectId)
          .recordRequest(backupRequest({ projectId, environment: name }));
        return run.runId;
      };
      const retail: string[] = [];
      for (const name of ['a', 'b', 'c', 'd']) retail.push(await request('retail', name));
      const wholesale = [await request('wholesale', 'a'), await request('wholesale', 'b')];
      const admit = async (total: number, perProject: number) =>
        (await catalog.platform.admit({ total, perProject, leaseSeconds: 60 })).map(({ runId }) => runId);
      expect(await admit(3, 10)).toEqual([retail[0], wholesale[0], retail[1]]);
      expect(await admit(3, 10)).toEqual([]);
      expect(await admit(10, 2)).toEqual([wholesale[1]]);
      expect(await admit(10, 3)).toEqual([retail[2]]);
      expect((await catalog.platform.admitted()).map(({ runId }) => runId)).toEqual([
        ...retail.slice(0, 3),
        ...wholesale,
      ]);
    });

    it('admits a verification beside whatever works on its environment, and one of them at a time', async () => {
      const { catalog } = await server.fresh();
      const project = catalog.forProject('retail');
      const { runId } = await completeBackup(catalog, backupRequest());
      const first = await project.recordRequest(verifyRequest(runId));
      const second = await project.recordRequest(verifyRequest(runId));
      const backup = await project.recordRequest(backupRequest());
      const admitted = await catalog.platform.admit(limits);
      expect(admitted.map((run) => run.runId).sort()).toEqual([backup.run.runId, first.run.runId].sort());
      expect(await catalog.platform.admit(limits)).toEqual([]);
      const lease = {
        runId: first.run.runId,
        epoch: admitted.find(({ kind }) => kind === 'verify')?.epoch ?? 0,
      };
      const verified = {
        at: '2025-11-09T15:00:00.000Z',
        ok: true,
        problems: [],
        level: 'restore' as const,
        seconds: 2,
        bytesRead: 3,
        artefacts: 4,
        objects: 0,
        objectsRead: 0,
      };
      await project.setState(lease, 'InProgress');
      await project.addVerification(lease, { artefacts: 4, bytesRead: 3 });
      await project.addVerification(lease, { verified });
      expect(await project.run(lease.runId)).toMatchObject({
        result: { artefacts: 4, bytesRead: 3, verified },
      });
      await project.finish(lease, { state: 'Succeeded' }, auditEvent());
      expect((await catalog.platform.admit(limits)).map((run) => run.runId)).toEqual([second.run.runId]);
      const other = {
        runId: backup.run.runId,
        epoch: admitted.find(({ kind }) => kind === 'backup')?.epoch ?? 0,
      };
      await expect(project.addVerification(other, {})).rejects.toThrow('is no verification');
    });

    it('admits one run of an environment at a time, in the order of their requests', async () => {
      const { catalog } = await server.fresh();
      const project = catalog.forProject('retail');
      const done = await completeBackup(catalog, backupRequest());
      const waiting = [
        await project.recordRequest(backupRequest({ requestedAt: '2025-11-09T15:00:00Z' })),
        // Says that it is older, and still came later.
        await project.recordRequest(backupRequest({ requestedAt: '2025-11-09T14:00:00Z' })),
        await project.recordRequest(deleteRequest(done.runId)),
      ];
      let epoch = done.epoch;
      for (const { run } of waiting) {
        const [admitted, ...others] = await catalog.platform.admit(limits);
        expect(others).toEqual([]);
        expect(admitted).toMatchObject({ runId: run.runId, state: 'Pending' });
        expect(await catalog.platform.admit(limits)).toEqual([]);
        expect(admitted?.epoch).toBeGreaterThan(epoch);
        epoch = admitted?.epoch ?? 0;
        await project.finish({ runId: run.runId, epoch }, { state: 'Cancelled' }, auditEvent());
      }
      expect(await catalog.platform.admitted()).toEqual([]);
    });

    it('gives a restore the environment that it writes', async () => {
      const { catalog } = await server.fresh();
      const project = catalog.forProject('retail');
      await project.recordRequest(restoreRequest('uat'));
      await project.recordRequest(restoreRequest('uat'));
      await project.recordRequest(backupRequest());
      const admitted = await catalog.platform.admit(limits);
      expect(admitted.map(({ kind, environment }) => `${kind} ${environment}`)).toEqual([
        'restore uat',
        'backup prd',
      ]);
    });

    it('never gives out a place or an environment twice, however many ask at once', async () => {
      const { catalog } = await server.fresh();
      const projects = ['retail', 'wholesale', 'support'];
      await Promise.all(
        projects.flatMap((projectId) =>
          Array.from({ length: 8 }, (_, index) =>
            catalog
              .forProject(projectId)
              .recordRequest(backupRequest({ projectId, environment: `env-${index % 4}` })),
          ),
        ),
      );
      const admit = () => catalog.platform.admit({ total: 7, perProject: 3, leaseSeconds: 60 });
      const admitted = (await Promise.all(Array.from({ length: 10 }, admit))).flat();
      expect(admitted).toHaveLength(7);
      expect(new Set(admitted.map(({ projectId, environment }) => `${projectId}/${environment}`)).size).toBe(
        7,
      );
      const perProject = projects.map(
        (name) => admitted.filter(({ projectId }) => projectId === name).length,
      );
      expect(perProject.toSorted()).toEqual([2, 2, 3]);
      expect(new Set(admitted.map(({ epoch }) => epoch)).size).toBe(7);
    });

    it('refuses limits that are none', async () => {
      const { catalog } = await server.fresh();
      for (const wrong of [{ total: 0 }, { perProject: -1 }, { leaseSeconds: Number.NaN }]) {
        await expect(catalog.platform.admit({ ...limits, ...wrong })).rejects.toMatchObject({
          code: 'request.invalid',
        });
      }
    });
  });

  describe('a lease', () => {
    const expire = `update lcb.leases set expires_at = clock_timestamp() - interval '1 second'`;

    it('can not be taken over before it expires', async () => {
      const { catalog, admin } = await server.fresh();
      const { run, lease } = await begin(catalog, backupRequest());
      await catalog.platform.checkLease(lease);
      expect(await catalog.platform.takeOver(run.runId, 60)).toBeUndefined();
      await admin.query(expire);
      await catalog.platform.renewLease(lease, 60);
      expect(await catalog.platform.takeOver(run.runId, 60)).toBeUndefined();
    });

    it('can be let go, by its holder alone', async () => {
      const { catalog } = await server.fresh();
      const { platform } = catalog;
      const { run, lease } = await begin(catalog, backupRequest());
      await platform.releaseLease(lease);
      const taken = await platform.takeOver(run.runId, 60);
      expect(taken?.epoch).toBeGreaterThan(lease.epoch);
      await platform.releaseLease(lease);
      expect(await platform.takeOver(run.runId, 60)).toBeUndefined();
    });

    it('shuts out its old holder once it was taken over', async () => {
      const { catalog, admin } = await server.fresh();
      const { platform } = catalog;
      const project = catalog.forProject('retail');
      const { run, lease } = await begin(catalog, backupRequest());
      await project.setState(lease, 'InProgress');
      await admin.query(expire);
      // Expired, but nobody else's yet.
      await platform.checkLease(lease);
      await project.setUnit(lease, 'database', { progress: 10 });

      const taken = await platform.takeOver(run.runId, 60);
      if (taken === undefined) throw new Error('The lease was not taken over.');
      expect(taken.epoch).toBeGreaterThan(lease.epoch);
      expect(await project.run(run.runId)).toMatchObject({ epoch: taken.epoch, state: 'InProgress' });
      const lost = { code: 'lease.lost' };
      await expect(platform.checkLease(lease)).rejects.toMatchObject(lost);
      await expect(platform.renewLease(lease, 60)).rejects.toMatchObject(lost);
      await expect(project.setState(lease, 'Validating')).rejects.toMatchObject(lost);
      await expect(project.setUnit(lease, 'database', { progress: 99 })).rejects.toMatchObject(lost);
      await expect(project.finish(lease, { state: 'Cancelled' }, auditEvent())).rejects.toMatchObject(lost);
      await platform.checkLease(taken);
      await project.setState(taken, 'Validating');
      await project.finish(taken, { state: 'Succeeded' }, auditEvent());
      for (const over of [platform.checkLease(taken), platform.renewLease(taken, 60)]) {
        await expect(over).rejects.toMatchObject(lost);
      }
    });

    it('is taken over by one of many, and not again', async () => {
      const { catalog, admin } = await server.fresh();
      const { run } = await begin(catalog, backupRequest());
      await admin.query(expire);
      const taken = await Promise.all(
        Array.from({ length: 8 }, () => catalog.platform.takeOver(run.runId, 60)),
      );
      expect(taken.filter((lease) => lease !== undefined)).toHaveLength(1);
    });

    it('is either renewed or taken over', async () => {
      const { catalog, admin } = await server.fresh();
      const { run, lease } = await begin(catalog, backupRequest());
      let current = lease;
      for (let round = 0; round < 15; round += 1) {
        await admin.query(expire);
        const [renewed, taken] = await Promise.allSettled([
          catalog.platform.renewLease(current, 60),
          catalog.platform.takeOver(run.runId, 60),
        ]);
        const other = taken.status === 'fulfilled' ? taken.value : undefined;
        expect(renewed.status).toBe(other === undefined ? 'fulfilled' : 'rejected');
        current = other ?? current;
        await catalog.platform.checkLease(current);
      }
    });

    it('still takes its place when it has expired', async () => {
      const { catalog, admin } = await server.fresh();
      await begin(catalog, backupRequest());
      await catalog.forProject('retail').recordRequest(backupRequest());
      await catalog.forProject('retail').recordRequest(backupRequest({ environment: 'uat' }));
      await admin.query(expire);
      expect(await catalog.platform.admit({ ...limits, total: 1 })).toEqual([]);
      expect(await catalog.platform.admit({ ...limits, total: 2 })).toMatchObject([{ environment: 'uat' }]);
    });

    it('of a run that is over, waits or is unknown can not be taken over', async () => {
      const { catalog } = await server.fresh();
      const over = await completeBackup(catalog, backupRequest());
      const { run } = await catalog.forProject('retail').recordRequest(backupRequest());
      for (const runId of [over.runId, run.runId, 'x-y-backup-20251109-143000']) {
        expect(await catalog.platform.takeOver(runId, 60)).toBeUndefined();
      }
    });
  });
});
