import {
  type AuditEntry,
  type AuditEvent,
  type AuditHead,
  nextAuditEntry,
  platformChain,
  verifyAuditChain,
} from '@lcb/core';
import { expect, it } from 'vitest';
import { type TestCatalog, useCatalogServer, withPostgres } from '../testing/catalog-server.ts';
import { auditEvent, collect } from '../testing/examples.ts';

const chain = 'retail';

async function trail(test: TestCatalog, length = 6): Promise<AuditHead> {
  const project = test.catalog.forProject(chain);
  for (let count = 1; count <= length; count += 1) {
    await project.appendAudit(auditEvent({ subject: `backup ${count}`, details: { count } }));
  }
  return await project.auditHead();
}

/** As somebody with every right would do it. */
async function tamper(test: TestCatalog, ...statements: string[]): Promise<void> {
  await test.admin.query('alter table lcb.audit_entries disable trigger append_only');
  for (const statement of statements) await test.admin.query(statement);
  await test.admin.query('alter table lcb.audit_entries enable always trigger append_only');
}

async function problems(test: TestCatalog, anchors: readonly AuditHead[] = []) {
  const { problems } = await verifyAuditChain(chain, test.catalog.forProject(chain).auditEntries(), anchors);
  return problems;
}

async function stored(test: TestCatalog, from?: number): Promise<AuditEntry[]> {
  return await collect(test.catalog.forProject(chain).auditEntries(from));
}

withPostgres('the audit trail', () => {
  const server = useCatalogServer();

  it('gives back what was appended, to the last character', async () => {
    const test = await server.fresh();
    const project = test.catalog.forProject(chain);
    const events: AuditEvent[] = [
      auditEvent({ at: '2025-11-09T14:31:00Z' }),
      auditEvent({ at: '2025-11-09T14:31:00.1Z' }),
      auditEvent({ at: '2025-11-09T14:31:00.123456Z' }),
      auditEvent({ details: null }),
      auditEvent({
        details: { z: 1, a: [0.1, 1e21, 5e-324, 9007199254740992], 'ä€😀\u0001': '\u2028"\\' },
      }),
      auditEvent({ details: 'text', actor: "O'Neill; drop table", subject: '日本' }),
    ];
    const appended: AuditEntry[] = [];
    for (const event of events) appended.push(await project.appendAudit(event));
    expect(await stored(test)).toEqual(appended);
    expect(appended.map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(await project.auditHead()).toEqual({ chain, sequence: 6, hash: appended[5]?.hash });
    expect(await problems(test, [await project.auditHead()])).toEqual([]);
  });

  it('replaces what PostgreSQL cannot hold before the hash is made', async () => {
    const test = await server.fresh();
    const broken = auditEvent({ subject: 'a\u0000b', details: { line: '\u0000\ud800' } });
    await test.catalog.forProject(chain).appendAudit(broken);
    expect(await stored(test)).toMatchObject([{ subject: 'a\ufffdb', details: { line: '\ufffd\ufffd' } }]);
    expect(await problems(test)).toEqual([]);
  });

  it('has neither gap nor fork when many append at once', async () => {
    const test = await server.fresh({ poolSize: 10 });
    const projects = ['retail', 'wholesale'].map((projectId) => test.catalog.forProject(projectId));
    await Promise.all(
      projects.flatMap((project) => Array.from({ length: 50 }, () => project.appendAudit(auditEvent()))),
    );
    for (const project of projects) {
      const head = await project.auditHead();
      expect(await verifyAuditChain(project.projectId, project.auditEntries(), [head])).toEqual({
        entries: 50,
        anchors: 1,
        problems: [],
      });
    }
  });

  it('is read in pages, from any entry on', async () => {
    const test = await server.fresh();
    await test.catalog.forProject(chain).appendAudit(auditEvent());
    const [first] = await stored(test);
    if (first === undefined) throw new Error('There is no entry.');
    // A thousand more, made as the catalog makes them but inserted at once.
    const more: AuditEntry[] = [first];
    for (let previous = first; more.length < 1001; more.push(previous))
      previous = nextAuditEntry(previous, auditEvent());
    await test.admin.query(
      `insert into lcb.audit_entries (chain, sequence, actor, action, subject, result, at, correlation_id, previous_hash, hash)
       select chain, sequence, actor, action, subject, result, at, "correlationId", "previousHash", hash
       from jsonb_to_recordset($1) as entry(chain text, sequence bigint, actor text, action text, subject text,
         result text, at text, "correlationId" text, "previousHash" text, hash text)`,
      [JSON.stringify(more.slice(1))],
    );
    expect(await stored(test)).toEqual(more);
    expect((await stored(test, 999)).map(({ sequence }) => sequence)).toEqual([999, 1000, 1001]);
  });

  it('keeps a chain for the platform, which no project sees', async () => {
    const { catalog } = await server.fresh();
    const { platform } = catalog;
    const entry = await platform.appendAudit(auditEvent({ action: 'catalog.rebuilt' }));
    await catalog.forProject(chain).appendAudit(auditEvent());
    expect(await collect(platform.auditEntries())).toEqual([entry]);
    expect(await platform.auditHead()).toEqual({ chain: platformChain, sequence: 1, hash: entry.hash });
    expect(await collect(catalog.forProject('wholesale').auditEntries())).toEqual([]);
    expect(await catalog.forProject('wholesale').auditHead()).toMatchObject({
      sequence: 0,
      hash: '0'.repeat(64),
    });
  });

  it('refuses changes, to its own roles and to a superuser', async () => {
    const test = await server.fresh();
    await trail(test);
    const statements = [
      `update lcb.audit_entries set actor = 'nobody'`,
      `delete from lcb.audit_entries`,
      `truncate lcb.audit_entries`,
    ];
    for (const role of ['lcb_app', 'lcb_platform']) {
      await test.admin.query(`set role ${role}; select set_config('lcb.project_id', '${chain}', false)`);
      for (const statement of statements)
        await expect(test.admin.query(statement)).rejects.toThrow(/permission denied/);
    }
    await test.admin.query('reset role');
    for (const role of ['none', 'lcb_owner']) {
      await test.admin.query(`set role ${role}`);
      for (const statement of statements)
        await expect(test.admin.query(statement)).rejects.toThrow(/append-only/);
    }
    await test.admin.query('set role none; set session_replication_role = replica');
    for (const statement of statements)
      await expect(test.admin.query(statement)).rejects.toThrow(/append-only/);
    expect(await stored(test)).toHaveLength(6);
  });

  it.each([
    ['who', `actor = 'mallory'`],
    ['when', `at = '2025-11-09T14:31:00.001Z'`],
    ['with what result', `result = 'refused'`],
    ['the details', `details = '{"count":4 ,"more":0}'`],
    ['that there were details', 'details = null'],
    ['the hash', `hash = repeat('0', 64)`],
  ])('shows when an entry was changed: %s', async (_what, change) => {
    const test = await server.fresh();
    await trail(test);
    await tamper(test, `update lcb.audit_entries set ${change} where sequence = 3`);
    expect(await problems(test)).toContainEqual({ kind: 'changed', sequence: 3 });
  });

  it('shows when an entry was removed', async () => {
    const test = await server.fresh();
    await trail(test);
    await tamper(test, 'delete from lcb.audit_entries where sequence = 3');
    expect(await problems(test)).toContainEqual({ kind: 'missing', sequence: 3 });
  });

  it('shows when two entries changed places', async () => {
    const test = await server.fresh();
    await trail(test);
    await tamper(
      test,
      'update lcb.audit_entries set sequence = 1000 where sequence = 3',
      'update lcb.audit_entries set sequence = 3 where sequence = 4',
      'update lcb.audit_entries set sequence = 4 where sequence = 1000',
    );
    const found = await problems(test);
    expect(found).toContainEqual({ kind: 'changed', sequence: 3 });
    expect(found).toContainEqual({ kind: 'changed', sequence: 4 });
  });

  it('shows when its end was cut off, by its anchor', async () => {
    const test = await server.fresh();
    const anchor = await trail(test);
    await tamper(test, 'delete from lcb.audit_entries where sequence > 4');
    expect(await problems(test)).toEqual([]);
    expect(await problems(test, [anchor])).toEqual([{ kind: 'cutOff', sequence: 5 }]);
  });

  it('shows when the chain was computed anew, by its anchor', async () => {
    const test = await server.fresh();
    const anchor = await trail(test);
    await tamper(test, 'delete from lcb.audit_entries', 'delete from lcb.audit_heads');
    await trail({ ...test });
    expect(await problems(test, [anchor])).toEqual([]);
    await tamper(test, 'delete from lcb.audit_entries', 'delete from lcb.audit_heads');
    await test.catalog.forProject(chain).appendAudit(auditEvent({ actor: 'mallory' }));
    await trail(test);
    expect(await problems(test)).toEqual([]);
    expect(await problems(test, [anchor])).toEqual([{ kind: 'rewritten', sequence: 6 }]);
  });

  it('names a row that can not have been an entry', async () => {
    const test = await server.fresh();
    await trail(test);
    await tamper(test, `update lcb.audit_entries set at = 'yesterday' where sequence = 2`);
    await expect(stored(test)).rejects.toMatchObject({ code: 'audit.entryInvalid' });
  });
});
