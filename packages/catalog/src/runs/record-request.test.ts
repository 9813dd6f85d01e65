import { expect, it } from 'vitest';
import { useCatalogServer, withPostgres } from '../testing/catalog-server.ts';
import {
  auditEvent,
  backupRequest,
  begin,
  collect,
  completeBackup,
  deleteRequest,
  environment,
  restoreRequest,
} from '../testing/examples.ts';

withPostgres('recording a request', () => {
  const server = useCatalogServer();

  it('answers with a pending run, an audit entry and an event', async () => {
    const { catalog } = await server.fresh();
    const project = catalog.forProject('retail');
    await project.declareEnvironment(environment());
    const request = backupRequest({ units: ['documentLibrary', 'database'], notes: 'before the upgrade' });
    const { run, created } = await project.recordRequest(request);
    expect(created).toBe(true);
    expect(run).toEqual({
      kind: 'backup',
      runId: 'retail-prd-backup-20251109-143000',
      projectId: 'retail',
      environment: 'prd',
      state: 'Pending',
      units: { database: { state: 'Pending' }, documentLibrary: { state: 'Pending' } },
      epoch: 0,
      cancelRequested: false,
      requestedAt: '2025-11-09T14:30:00.000Z',
      request,
    });
    expect(Object.keys(run.units)).toEqual(['database', 'documentLibrary']);
    expect(await project.run(run.runId)).toEqual(run);
    expect(await collect(project.auditEntries())).toMatchObject([
      { action: 'backup.requested', actor: request.initiator, subject: run.runId, result: 'accepted' },
    ]);
    expect(await catalog.platform.pendingEvents(10)).toMatchObject([
      {
        type: 'cloud.liferay.backup.requested.v1',
        subject: run.runId,
        source: '/projects/retail/environments/prd',
      },
    ]);
  });

  it('makes one run of twenty identical requests at once', async () => {
    const { catalog } = await server.fresh();
    const request = backupRequest();
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => catalog.forProject('retail').recordRequest(request)),
    );
    expect(new Set(answers.map(({ run }) => run.runId))).toEqual(
      new Set(['retail-prd-backup-20251109-143000']),
    );
    expect(answers.filter(({ created }) => created)).toHaveLength(1);
    expect(await collect(catalog.forProject('retail').auditEntries())).toHaveLength(1);
    expect(await catalog.platform.pendingEvents(10)).toHaveLength(1);
  });

  it('makes twenty runs of twenty different requests in one second', async () => {
    const { catalog } = await server.fresh();
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => catalog.forProject('retail').recordRequest(backupRequest())),
    );
    const expected = Array.from({ length: 20 }, (_, index) => (index === 0 ? '' : `-${index + 1}`));
    expect(new Set(answers.map(({ run }) => run.runId))).toEqual(
      new Set(expected.map((suffix) => `retail-prd-backup-20251109-143000${suffix}`)),
    );
  });

  it('keeps ids apart that read the same for two projects', async () => {
    const { catalog } = await server.fresh();
    const ours = backupRequest({ projectId: 'a-b', environment: 'c' });
    const theirs = backupRequest({ projectId: 'a', environment: 'b-c', requestId: ours.requestId });
    const first = await catalog.forProject('a-b').recordRequest(ours);
    const second = await catalog.forProject('a').recordRequest(theirs);
    expect(first.run.runId).toBe('a-b-c-backup-20251109-143000');
    expect(second).toMatchObject({
      created: true,
      run: { runId: 'a-b-c-backup-20251109-143000-2', projectId: 'a' },
    });
    expect(await catalog.forProject('a').recordRequest(theirs)).toMatchObject({
      created: false,
      run: second.run,
    });
  });

  it('knows a request again by its content, whenever it was made', async () => {
    const { catalog } = await server.fresh();
    const project = catalog.forProject('retail');
    const request = backupRequest();
    const { run } = await project.recordRequest(request);
    const again = { ...request, requestedAt: '2025-11-10T00:00:00Z', correlationId: 'another' };
    expect(await project.recordRequest(again)).toEqual({ run, created: false });
    const source = { ...request.source, backups: { location: 'file:///elsewhere' } };
    for (const change of [
      { mode: 'full' },
      { initiator: 'mallory' },
      { environment: 'uat' },
      { source },
    ] as const) {
      await expect(project.recordRequest({ ...request, ...change })).rejects.toMatchObject({
        code: 'request.changed',
      });
    }
    const restore = restoreRequest('prd', { requestId: request.requestId });
    await expect(project.recordRequest(restore)).rejects.toMatchObject({ code: 'request.changed' });
    const entries = await collect(project.auditEntries());
    expect(entries.map(({ result }) => result)).toEqual(['accepted', ...Array(5).fill('refused')]);
  });

  it('refuses what expired, but not a repetition of what was accepted', async () => {
    const { catalog, admin } = await server.fresh();
    const project = catalog.forProject('retail');
    const late = backupRequest({ notAfter: '2025-11-09T15:00:00Z' });
    await expect(project.recordRequest(late)).rejects.toMatchObject({ code: 'request.expired' });
    expect(await project.run('retail-prd-backup-20251109-143000')).toBeUndefined();
    expect(await collect(project.auditEntries())).toMatchObject([
      { result: 'refused', subject: 'prd', details: { code: 'request.expired', requestId: late.requestId } },
    ]);

    const inTime = backupRequest({ notAfter: '2999-01-01T00:00:00Z' });
    const { run } = await project.recordRequest(inTime);
    const past = { ...inTime, notAfter: '2020-01-01T00:00:00Z' };
    await admin.query('update lcb.runs set request = $1', [JSON.stringify(past)]);
    expect(await project.recordRequest(past)).toMatchObject({ created: false, run: { runId: run.runId } });
  });

  it('refuses a backup while a restore waits for or holds its environment, and names it', async () => {
    const { catalog } = await server.fresh();
    const project = catalog.forProject('retail');
    const { run: restore, lease } = await begin(catalog, restoreRequest('uat'));
    expect(restore).toMatchObject({ runId: 'retail-prd-restore-20251109-143000', environment: 'uat' });
    const backup = backupRequest({ environment: 'uat' });
    const refused = { code: 'environment.busy', message: expect.stringContaining(restore.runId) };
    await expect(project.recordRequest(backup)).rejects.toMatchObject(refused);
    await project.setState(lease, 'InProgress');
    await expect(project.recordRequest(backup)).rejects.toMatchObject(refused);
    // Neither the environment that the backup is of, nor another restore, nor another project is in the way.
    await expect(project.recordRequest(backupRequest())).resolves.toMatchObject({ created: true });
    await expect(project.recordRequest(restoreRequest('uat'))).resolves.toMatchObject({ created: true });
    const elsewhere = backupRequest({ projectId: 'wholesale', environment: 'uat' });
    await expect(catalog.forProject('wholesale').recordRequest(elsewhere)).resolves.toMatchObject({
      created: true,
    });
    expect(await collect(project.auditEntries())).toContainEqual(
      expect.objectContaining({ action: 'backup.requested', result: 'refused', subject: 'uat' }),
    );
  });

  it('refuses a restore while a backup waits for or holds its target, until it is over', async () => {
    const { catalog } = await server.fresh();
    const project = catalog.forProject('retail');
    const { run: backup } = await project.recordRequest(backupRequest());
    const restore = restoreRequest('prd');
    const refused = { code: 'environment.busy', message: expect.stringContaining(backup.runId) };
    await expect(project.recordRequest(restore)).rejects.toMatchObject(refused);
    await expect(project.recordRequest(restoreRequest('uat'))).resolves.toMatchObject({ created: true });
    await project.requestCancel(backup.runId, auditEvent());
    await expect(project.recordRequest(restore)).resolves.toMatchObject({ created: true });
  });

  it('never accepts both of a backup and a restore that come at once', async () => {
    const { catalog } = await server.fresh();
    const project = catalog.forProject('retail');
    for (let round = 0; round < 10; round += 1) {
      const name = `env-${round}`;
      const answers = await Promise.allSettled([
        project.recordRequest(backupRequest({ environment: name })),
        project.recordRequest(restoreRequest(name)),
      ]);
      expect(answers.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    }
  });

  it('lets a deletion wait', async () => {
    const { catalog } = await server.fresh();
    const { runId } = await completeBackup(catalog, backupRequest());
    const { run: next } = await begin(catalog, backupRequest());
    expect(next.runId).not.toBe(runId);
    const { run } = await catalog.forProject('retail').recordRequest(deleteRequest(runId));
    expect(run).toMatchObject({ kind: 'delete', environment: 'prd', units: {}, state: 'Pending' });
  });

  it('refuses what is not a request of this project', async () => {
    const { catalog } = await server.fresh();
    const project = catalog.forProject('retail');
    for (const request of [
      backupRequest({ projectId: 'wholesale' }),
      backupRequest({ units: [] }),
      backupRequest({ requestedAt: 'yesterday' }),
      backupRequest({ notes: 'a\u0000b' }),
      backupRequest({ environment: 'e'.repeat(36) }),
      restoreRequest('e'.repeat(36)),
    ]) {
      await expect(project.recordRequest(request)).rejects.toMatchObject({ code: 'request.invalid' });
    }
    await expect(project.declareEnvironment(environment('wholesale'))).rejects.toMatchObject({
      code: 'request.invalid',
    });
  });

  it('keeps the last declaration of an environment', async () => {
    const { catalog } = await server.fresh();
    const project = catalog.forProject('retail');
    await project.declareEnvironment(environment('retail', 'uat'));
    await project.declareEnvironment(environment('retail', 'prd'));
    const moved = { ...environment('retail', 'uat'), backups: { location: 'file:///new' } };
    await project.declareEnvironment(moved);
    expect(await project.environments()).toEqual([environment('retail', 'prd'), moved]);
  });
});
