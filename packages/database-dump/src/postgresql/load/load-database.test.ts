import { type DatabaseDump, IntegrityError, type TargetState } from '@lcb/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MemoryStore } from '../../testing/memory-store.ts';
import { dumpRequest, keyOf, loadRequest } from '../../testing/requests.ts';
import { startTestServer, type TestServer } from '../../testing/test-server.ts';

let server: TestServer;
let dump: DatabaseDump;
const store = new MemoryStore();
const runId = 'retail-prd-restore-20251109-150000';
beforeAll(async () => {
  server = await startTestServer();
  const rows = `SELECT i, md5(i::text) FROM generate_series(1, 50000) i`;
  await server.create('source', `CREATE TABLE t (i int PRIMARY KEY, x text); INSERT INTO t ${rows}`);
  dump = await server.engine.dump(dumpRequest(server, 'source', store));
});
afterAll(() => server?.stop());

const stateOf = (database: string, run = runId): Promise<TargetState> =>
  server.engine.targetState(server.connection(database), run);
const commentOf = (database: string) =>
  server.value(
    'postgres',
    `SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = '${database}'`,
  );
const rowsIn = (database: string) => server.value(database, 'SELECT count(*)::int FROM t');

async function copyOfStore(): Promise<MemoryStore> {
  const copy = new MemoryStore();
  for (const key of store.keys()) await copy.put(key, store.bytes(key));
  return copy;
}

describe('the target of a load', () => {
  it('is occupied by whatever a user made, and then nothing is done', async () => {
    await server.create('in use', 'SELECT 1');
    for (const [create, drop] of [
      ['CREATE TABLE t (i int)', 'DROP TABLE t'],
      [`CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'`, 'DROP FUNCTION f()'],
      ['CREATE SCHEMA other', 'DROP SCHEMA other'],
      [`CREATE TYPE mood AS ENUM ('sad')`, 'DROP TYPE mood'],
      ['SELECT lo_create(4711)', 'SELECT lo_unlink(4711)'],
    ] as const) {
      expect(await stateOf('in use')).toBe('empty');
      await server.run('in use', create);
      expect(await stateOf('in use')).toBe('occupied');
      const loading = server.engine.load(loadRequest(server, 'in use', store, dump));
      await expect(loading).rejects.toMatchObject({ code: 'database.targetOccupied', retryable: false });
      await server.engine.dropTarget(server.connection('in use'), runId);
      await server.run('in use', drop);
    }
    expect(await commentOf('in use')).toBeNull();
  });

  it('may be an empty database', async () => {
    await server.create('empty', 'SELECT 1');
    expect(await stateOf('empty')).toBe('empty');
    const load = await server.engine.load(loadRequest(server, 'empty', store, dump));
    expect(load).toMatchObject({ rows: 50_000, differences: [] });
  });

  it("goes unmarked, too, where its name is nobody else's, as long as nothing is in it", async () => {
    await server.create('half made', 'SELECT 1');
    const drop = (options?: { readonly unmarked?: boolean }) =>
      server.engine.dropTarget(server.connection('half made'), runId, options);
    await drop();
    expect(await stateOf('half made')).toBe('empty');
    await server.run('half made', 'CREATE TABLE t (i int)');
    await drop({ unmarked: true });
    expect(await stateOf('half made')).toBe('occupied');
    await server.run('half made', 'DROP TABLE t');
    await drop({ unmarked: true });
    expect(await stateOf('half made')).toBe('absent');
    await drop({ unmarked: true });
  });

  it('belongs to its run from beginning to end', async () => {
    expect(await stateOf('new')).toBe('absent');
    await server.engine.load(loadRequest(server, 'new', store, dump));
    expect(await stateOf('new')).toBe('ownedByRun');
    expect(await stateOf('new', 'another-run')).toBe('occupied');
    expect(await commentOf('new')).toContain(`lcb restore ${runId}`);
    await server.engine.dropTarget(server.connection('new'), 'another-run');
    expect(await stateOf('new')).toBe('ownedByRun');
    await server.engine.dropTarget(server.connection('new'), runId);
    expect(await stateOf('new')).toBe('absent');
    await server.engine.dropTarget(server.connection('new'), runId);
  });

  it('is only counted again when it was loaded completely', async () => {
    const first = await server.engine.load(loadRequest(server, 'twice', store, dump));
    const created = await server.value(
      'postgres',
      `SELECT oid::text FROM pg_database WHERE datname = 'twice'`,
    );
    expect(await server.engine.load(loadRequest(server, 'twice', store, dump))).toEqual(first);
    const still = await server.value('postgres', `SELECT oid::text FROM pg_database WHERE datname = 'twice'`);
    expect(still).toBe(created);
  });

  it('is made anew when an earlier try was not complete, whoever is connected', async () => {
    await server.create('half', 'CREATE TABLE t (i int); CREATE TABLE rest ()');
    await server.run('postgres', `COMMENT ON DATABASE half IS 'lcb restore ${runId}'`);
    await server.withClient('half', async () => {
      const load = await server.engine.load(loadRequest(server, 'half', store, dump));
      expect(load).toMatchObject({ tables: 1, rows: 50_000, differences: [] });
    });
  });

  it('has no schema public if the source had none', async () => {
    await server.create('private', 'CREATE SCHEMA own; DROP SCHEMA public; CREATE TABLE own.t (i int)');
    const other = new MemoryStore();
    const privateDump = await server.engine.dump(dumpRequest(server, 'private', other));
    await server.engine.load(loadRequest(server, 'private copy', other, privateDump));
    expect((await server.engine.inspect(server.connection('private copy'))).schemas).toEqual(['own']);
  });
});

describe('a load that fails', () => {
  it.each([
    [
      'is damaged',
      (bytes: Buffer) =>
        Buffer.from(bytes.map((byte, at) => (at === bytes.length >> 1 ? byte ^ 0xff : byte))),
    ],
    [
      'is damaged at its end',
      (bytes: Buffer) => Buffer.from(bytes.map((byte, at) => (at === bytes.length - 1 ? byte ^ 1 : byte))),
    ],
    ['ends early', (bytes: Buffer) => bytes.subarray(0, bytes.length - 100)],
    ['is longer', (bytes: Buffer) => Buffer.concat([bytes, Buffer.from('x')])],
  ])('because the stored dump %s', async (what, change) => {
    const damaged = await copyOfStore();
    damaged.damage(keyOf(dump.parts[0]?.path ?? ''), change);
    const database = `from a dump that ${what}`;
    const loading = server.engine.load(loadRequest(server, database, damaged, dump));
    await expect(loading).rejects.toThrow(IntegrityError);
    // It stays this run's own, and is not taken for complete.
    expect(await commentOf(database)).toBe(`lcb restore ${runId}`);
  });

  it('because the list of tables is damaged, does nothing', async () => {
    const damaged = await copyOfStore();
    damaged.damage(keyOf(dump.tables.path), (bytes) => bytes.subarray(1));
    await expect(server.engine.load(loadRequest(server, 'untouched', damaged, dump))).rejects.toThrow(
      IntegrityError,
    );
    expect(await stateOf('untouched')).toBe('absent');
  });

  it('because a statement fails has the line and the message, and no rows', async () => {
    await server.create('odd', `CREATE TABLE t (i int); INSERT INTO t VALUES (1), (1)`);
    const other = new MemoryStore();
    const odd = await server.engine.dump(dumpRequest(server, 'odd', other));
    // A function that is not there: what a missing extension looks like.
    await server.run(
      'odd',
      `CREATE FUNCTION f() RETURNS int LANGUAGE c AS '$libdir/plpgsql', 'plpgsql_call_handler'`,
    );
    const broken = await server.engine.dump(
      dumpRequest(server, 'odd', other, { folder: 'attempts/2/database/' }),
    );
    await server.run('postgres', `CREATE ROLE limited LOGIN CREATEDB PASSWORD 'limited-secret'`);
    const connection = {
      url: server.connection('odd copy').url.replace(/\/\/[^@]*@/, '//limited@'),
      password: 'limited-secret',
    };
    const loading = server.engine.load(loadRequest(server, 'odd copy', other, broken, { connection }));
    await expect(loading).rejects.toMatchObject({ code: 'database.toolFailed', retryable: false });
    await expect(loading).rejects.toThrow(/psql:<stdin>:\d+: ERROR: .*permission denied for language c/);
    expect(odd.tables.rows).toBe(2);
  });

  it('because it was cancelled, and can be repeated', async () => {
    const controller = new AbortController();
    const slow = await copyOfStore();
    const get = slow.get.bind(slow);
    slow.get = async (key) => {
      if (key.includes('dump.sql')) controller.abort();
      return await get(key);
    };
    const loading = server.engine.load(
      loadRequest(server, 'cancelled', slow, dump, { signal: controller.signal }),
    );
    await expect(loading).rejects.toMatchObject({ code: 'run.cancelled' });
    expect(await stateOf('cancelled')).toBe('ownedByRun');
    const load = await server.engine.load(loadRequest(server, 'cancelled', store, dump));
    expect(load.differences).toEqual([]);
  });

  it('reports tables that are not as they were', async () => {
    await server.engine.load(loadRequest(server, 'changed', store, dump));
    await server.run('changed', 'DELETE FROM t WHERE i <= 7; CREATE TABLE more AS SELECT 1 AS i');
    const load = await server.engine.load(loadRequest(server, 'changed', store, dump));
    expect(load.differences).toEqual([
      { schema: 'public', table: 'more', expected: 0, found: 1 },
      { schema: 'public', table: 't', expected: 50_000, found: 49_993 },
    ]);
    expect(await rowsIn('changed')).toBe(49_993);
  });
});
