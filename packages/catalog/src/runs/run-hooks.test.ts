import { expect, it } from 'vitest';
import { useCatalogServer, withPostgres } from '../testing/catalog-server.ts';
import { auditEvent, backupRequest, begin, restoreRequest } from '../testing/examples.ts';

withPostgres('what a run has asked of its environment', () => {
  const server = useCatalogServer();

  it('is kept from before it is asked until it goes on', async () => {
    const { catalog } = await server.fresh();
    const project = catalog.forProject('retail');
    const { run, lease } = await begin(catalog, backupRequest());
    expect(await project.quiescedSeconds(run.runId)).toBe(0);
    const first = await project.recordQuiesce(lease, 1);
    expect(first).toEqual({ attempt: 1, since: expect.stringMatching(/^20.*Z$/), failedResumes: 0 });
    expect(await project.recordQuiesce(lease, 1)).toEqual(first);
    expect((await project.run(run.runId))?.hooks).toEqual({ quiesce: first });
    await project.recordResume(lease, 'failed');
    expect(await project.recordResume(lease, 'failed')).toEqual({ ...first, failedResumes: 2 });
    const resumed = await project.recordResume(lease, 'resumed');
    expect(resumed).toEqual({ ...first, failedResumes: 2, resumedAt: expect.stringMatching(/^20.*Z$/) });
    // Whatever comes late changes nothing.
    expect(await project.recordResume(lease, 'failed')).toEqual(resumed);
    const seconds = (Date.parse(resumed.resumedAt ?? '') - Date.parse(first.since)) / 1000;
    expect(await project.quiescedSeconds(run.runId)).toBe(seconds);
    expect(await project.recordQuiesce(lease, 2)).toMatchObject({ attempt: 2, failedResumes: 0 });
  });

  it('is written by the holder of the lease alone, except for what a person did', async () => {
    const { catalog } = await server.fresh();
    const project = catalog.forProject('retail');
    const { run, lease } = await begin(catalog, backupRequest());
    const stale = { ...lease, epoch: lease.epoch - 1 };
    await expect(project.recordQuiesce(stale, 1)).rejects.toMatchObject({ code: 'lease.lost' });
    await project.recordQuiesce(lease, 1);
    await expect(project.recordResume(stale, 'resumed')).rejects.toMatchObject({ code: 'lease.lost' });
    const failed = { code: 'hook.resumeFailed', message: 'It may be read-only.', retryable: false };
    await project.finish(lease, { state: 'Failed', error: failed }, auditEvent());
    expect(await catalog.forProject('wholesale').recordResumeByHand('prd', 'eve@example.com')).toEqual([]);
    expect(await project.recordResumeByHand('uat', 'ada@example.com')).toEqual([]);
    expect(await project.recordResumeByHand('prd', 'ada@example.com')).toEqual([run.runId]);
    expect((await project.run(run.runId))?.hooks?.quiesce).toMatchObject({
      resumedBy: 'ada@example.com',
      resumedAt: expect.any(String),
    });
    expect(await project.recordResumeByHand('prd', 'ada@example.com')).toEqual([]);
  });

  it('says how a restored environment was told to reindex', async () => {
    const { catalog } = await server.fresh();
    const project = catalog.forProject('retail');
    const { run, lease } = await begin(catalog, restoreRequest('uat'));
    await project.recordReindex(lease, { state: 'Failed', message: 'no answer \u0000' });
    await project.recordReindex(lease, { state: 'Called' });
    expect((await project.run(run.runId))?.hooks).toEqual({
      reindex: { state: 'Called', at: expect.any(String) },
    });
    await expect(project.recordResume(lease, 'resumed')).rejects.toMatchObject({ code: 'request.invalid' });
  });
});
