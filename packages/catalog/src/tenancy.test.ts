import { sql } from 'kysely';
import { expect, it } from 'vitest';
import { asPlatform, asProject } from './database/act-as.ts';
import { connect } from './database/connection.ts';
import { type TestCatalog, useCatalogServer, withPostgres } from './testing/catalog-server.ts';
import { auditEvent, backupRequest, begin, environment, roomy } from './testing/examples.ts';

const tenantTables = [
  'projects',
  'environments',
  'runs',
  'leases',
  'outbox',
  'audit_heads',
  'audit_entries',
] as const;

async function twoTenants({ catalog }: TestCatalog) {
  const runs: Record<string, string> = {};
  for (const projectId of ['retail', 'wholesale']) {
    await catalog.forProject(projectId).declareEnvironment(environment(projectId));
    const { run } = await begin(catalog, backupRequest({ projectId }));
    runs[projectId] = run.runId;
  }
  return { retail: runs.retail ?? '', wholesale: runs.wholesale ?? '' };
}

withPostgres('tenants', () => {
  const server = useCatalogServer();

  it('are kept apart when they take turns on one connection', async () => {
    const { catalog } = await server.fresh({ poolSize: 1 });
    const projects = ['retail', 'wholesale'].map((projectId) => catalog.forProject(projectId));
    await Promise.all(
      Array.from({ length: 10 }, async (_, index) => {
        await Promise.all(
          projects.map(async (project) => {
            const { projectId } = project;
            const name = `env-${index}`;
            await project.declareEnvironment(environment(projectId, name));
            await project.recordRequest(backupRequest({ projectId, environment: name }));
            await catalog.platform.admit(roomy);
            await project.appendAudit(auditEvent({ subject: projectId }));
          }),
        );
      }),
    );
    for (const project of projects) {
      const { runs } = await project.runs({ limit: 1000 });
      expect(runs.map(({ projectId }) => projectId)).toEqual(Array(10).fill(project.projectId));
      expect((await project.environments()).map(({ projectId }) => projectId)).toEqual(
        Array(10).fill(project.projectId),
      );
      expect((await project.auditHead()).sequence).toBe(20);
    }
    expect(await catalog.platform.admitted()).toHaveLength(20);
  });

  it('see their own rows alone in a query without a filter', async () => {
    const test = await server.fresh();
    await twoTenants(test);
    const db = connect({ url: test.url, poolSize: 1 });
    const readable = tenantTables.filter((table) => table !== 'outbox');
    for (const table of readable) {
      const owner = sql.id(table.startsWith('audit_') ? 'chain' : 'project_id');
      const all = sql<{ owner: string }>`select ${owner} as owner from ${sql.id(table)}`;
      const { rows } = await asProject(db, 'retail', (trx) => all.execute(trx));
      expect(new Set(rows.map((row) => row.owner)), table).toEqual(new Set(['retail']));
      expect((await test.admin.query(`select * from lcb.${table}`)).rowCount, table).toBeGreaterThan(
        rows.length,
      );
    }
    await db.destroy();
  });

  it('see nothing where no project is bound, or none any more', async () => {
    const test = await server.fresh();
    await twoTenants(test);
    const { admin } = test;
    const counts = async () => {
      const seen: number[] = [];
      for (const table of tenantTables.filter((name) => name !== 'outbox')) {
        seen.push((await admin.query(`select * from lcb.${table}`)).rowCount ?? -1);
      }
      return seen;
    };
    await admin.query('set role lcb_app');
    expect(await counts()).toEqual([0, 0, 0, 0, 0, 0]);
    await admin.query(`begin; select set_config('lcb.project_id', 'retail', true)`);
    expect(await counts()).toEqual([1, 1, 1, 1, 1, 1]);
    await admin.query('commit');
    expect(await counts()).toEqual([0, 0, 0, 0, 0, 0]);
    await admin.query('set role lcb_owner');
    expect(await counts()).toEqual([0, 0, 0, 0, 0, 0]);
  });

  it("can't write rows of another, nor make their own into another's", async () => {
    const test = await server.fresh();
    await twoTenants(test);
    const { admin } = test;
    await admin.query(`set role lcb_app; select set_config('lcb.project_id', 'retail', false)`);
    for (const statement of [
      `insert into lcb.projects (project_id) values ('other')`,
      `insert into lcb.environments (project_id, environment, declared) values ('wholesale', 'x', '{}')`,
      `insert into lcb.outbox (event_id, project_id, event) values ('x', 'wholesale', '{}')`,
      `insert into lcb.audit_heads (chain, sequence, hash) values ('_platform', 0, '')`,
    ]) {
      await expect(admin.query(statement), statement).rejects.toThrow(/row-level security/);
    }
    for (const statement of [
      `update lcb.runs set project_id = 'wholesale'`,
      `update lcb.runs set epoch = 100`,
      `update lcb.runs set request = '{}'`,
      `delete from lcb.runs`,
      `update lcb.leases set expires_at = 'infinity'`,
      `select * from lcb.outbox`,
      `select nextval('lcb.lease_epochs')`,
    ]) {
      await expect(admin.query(statement), statement).rejects.toThrow(/permission denied/);
    }
    expect((await admin.query(`update lcb.runs set cancel_requested = true`)).rowCount).toBe(1);
    await admin.query('reset role');
    const { rows } = await admin.query('select project_id, cancel_requested from lcb.runs order by 1');
    expect(rows.map((row) => row.cancel_requested)).toEqual([true, false]);
  });

  it("don't learn whether another's run exists", async () => {
    const test = await server.fresh();
    const { wholesale } = await twoTenants(test);
    const retail = test.catalog.forProject('retail');
    expect(await retail.run(wholesale)).toBeUndefined();
    const missing = { code: 'run.notFound' };
    await expect(retail.cancelRequested(wholesale)).rejects.toMatchObject(missing);
    await expect(retail.requestCancel(wholesale, auditEvent())).rejects.toMatchObject(missing);
    const [admitted] = (await test.catalog.platform.admitted()).filter(({ runId }) => runId === wholesale);
    const lease = { runId: wholesale, epoch: admitted?.epoch ?? 0 };
    await expect(retail.setState(lease, 'InProgress')).rejects.toMatchObject(missing);
    await expect(retail.finish(lease, { state: 'Cancelled' }, auditEvent())).rejects.toMatchObject(missing);
    expect((await test.catalog.forProject('wholesale').run(wholesale))?.state).toBe('Pending');
  });

  it('share no more with the platform than it needs', async () => {
    const test = await server.fresh();
    await twoTenants(test);
    const db = connect({ url: test.url, poolSize: 1 });
    for (const table of ['projects', 'environments'] as const) {
      const read = asPlatform(db, (trx) => trx.selectFrom(table).selectAll().execute());
      await expect(read, table).rejects.toMatchObject({ code: 'catalog.notSetUp' });
    }
    expect(await asPlatform(db, (trx) => trx.selectFrom('audit_entries').selectAll().execute())).toEqual([]);
    await expect(
      asPlatform(db, (trx) => trx.updateTable('runs').set({ state: 'Succeeded' }).execute()),
    ).rejects.toMatchObject({ message: expect.stringContaining('permission denied') });
    await db.destroy();
  });

  it('have names that no setting of the database could mistake', async () => {
    const { catalog } = await server.fresh();
    for (const name of ['', '_platform', 'Retail', 'a--b', "x' or true"]) {
      expect(() => catalog.forProject(name), name).toThrow(
        expect.objectContaining({ code: 'request.invalid' }),
      );
    }
  });
});
