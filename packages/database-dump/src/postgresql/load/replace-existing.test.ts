import type { DatabaseDump } from '@lcb/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { awkwardDatabase } from '../../testing/awkward-database.ts';
import { MemoryStore } from '../../testing/memory-store.ts';
import { dumpRequest, loadRequest } from '../../testing/requests.ts';
import { startTestServer, type TestServer } from '../../testing/test-server.ts';
import { postgresqlEngine } from '../postgresql-engine.ts';

let server: TestServer;
let dump: DatabaseDump;
const store = new MemoryStore();
beforeAll(async () => {
  server = await startTestServer();
  await server.create('source', awkwardDatabase);
  dump = await server.engine.dump(dumpRequest(server, 'source', store));
});
afterAll(() => server?.stop());

const replace = (database: string, changes = {}) =>
  server.engine.load(loadRequest(server, database, store, dump, { replaceExisting: true, ...changes }));
const largeObjects = (database: string) =>
  server.value(database, 'SELECT count(*)::int FROM pg_largeobject_metadata');

describe('a load in place', () => {
  it('leaves nothing of what was there: other tables, types, functions, schemas, large objects', async () => {
    await server.create(
      'in place',
      `${awkwardDatabase}
       CREATE TABLE parent_extra (id int REFERENCES parent);
       CREATE DOMAIN postcode AS text CHECK (VALUE ~ '^\\d+$');
       CREATE AGGREGATE total (int) (SFUNC = int4pl, STYPE = int, INITCOND = '0');
       CREATE FUNCTION spoil() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';
       CREATE EVENT TRIGGER spoiler ON ddl_command_start EXECUTE FUNCTION spoil();
       CREATE OPERATOR === (LEFTARG = int, RIGHTARG = int, FUNCTION = int4eq);
       SELECT lo_create(oid) FROM generate_series(900001, 903500) oid;`,
    );
    const oid = `SELECT oid::text FROM pg_database WHERE datname = 'in place'`;
    const before = await server.value('postgres', oid);
    await server.run('postgres', 'CREATE ROLE reader; GRANT CONNECT ON DATABASE "in place" TO reader');
    const load = await replace('in place');
    expect(load).toMatchObject({ differences: [], largeObjects: 3, tables: dump.tables.count });
    expect(await largeObjects('in place')).toBe(3);
    for (const gone of [`to_regclass('parent_extra')`, `to_regtype('postcode')`, `to_regproc('spoil')`])
      expect(await server.value('in place', `SELECT ${gone}::text`)).toBeNull();
    expect(await server.value('in place', 'SELECT count(*)::int FROM pg_event_trigger')).toBe(0);
    // The same database, so that whoever could connect still can.
    expect(await server.value('postgres', oid)).toBe(before);
    expect(
      await server.value('postgres', `SELECT has_database_privilege('reader', 'in place', 'CONNECT')`),
    ).toBe(true);
  });

  it('ends the sessions that are there', async () => {
    await server.create('busy', 'CREATE TABLE t (i int); INSERT INTO t VALUES (1)');
    await server
      .withClient('busy', async (client) => {
        await client.query('BEGIN; LOCK TABLE t IN ACCESS EXCLUSIVE MODE');
        await replace('busy');
        await expect(client.query('SELECT 1')).rejects.toThrow();
      })
      .catch(() => undefined);
    expect(await server.value('busy', `SELECT to_regclass('t')::text`)).toBeNull();
  });

  it('goes on where an earlier try was cut off, and begins anew when it was half emptied', async () => {
    await server.create('cut off', 'CREATE TABLE rest (i int); SELECT lo_create(77)');
    await server.run(
      'postgres',
      `COMMENT ON DATABASE "cut off" IS 'lcb restore retail-prd-restore-20251109-150000'`,
    );
    expect(await replace('cut off')).toMatchObject({ differences: [], largeObjects: 3 });
    const again = await replace('cut off');
    expect(again).toMatchObject({ differences: [] });
  });

  it('needs no right to create databases, only to own what is there', async () => {
    await server.run('postgres', `CREATE ROLE owner LOGIN PASSWORD 'owner-secret'`);
    await server.run('postgres', 'CREATE DATABASE owned OWNER owner TEMPLATE template0');
    const connection = {
      url: server.connection('owned').url.replace(/\/\/[^@]*@/, '//owner@'),
      password: 'owner-secret',
    };
    const plain = new MemoryStore();
    await server.create('plain', 'CREATE TABLE t (i int); INSERT INTO t VALUES (1), (2)');
    const plainDump = await server.engine.dump(dumpRequest(server, 'plain', plain));
    await server.run('owned', 'SET ROLE owner; CREATE TABLE old (i int); SELECT lo_create(5)');
    const load = await server.engine.load(
      loadRequest(server, 'owned', plain, plainDump, { replaceExisting: true, connection }),
    );
    expect(load).toMatchObject({ rows: 2, tables: 1, largeObjects: 0, differences: [] });
  });

  it('says whose objects stand in the way, and leaves no half', async () => {
    await server.run('postgres', `CREATE ROLE poor LOGIN PASSWORD 'poor-secret'`);
    await server.create('foreign', 'CREATE SCHEMA theirs; CREATE TABLE theirs.t AS SELECT 1 AS i');
    await server.run('postgres', 'ALTER DATABASE "foreign" OWNER TO poor');
    const connection = {
      url: server.connection('foreign').url.replace(/\/\/[^@]*@/, '//poor@'),
      password: 'poor-secret',
    };
    await expect(replace('foreign', { connection })).rejects.toMatchObject({ code: 'database.permission' });
    expect(await server.value('foreign', 'SELECT count(*)::int FROM theirs.t')).toBe(1);
  });

  it('does not wait for ever for a session that it may not end, and says whose it is', async () => {
    await server.run('postgres', `CREATE ROLE waiter LOGIN PASSWORD 'waiter-secret'`);
    await server.run('postgres', 'CREATE DATABASE held OWNER waiter TEMPLATE template0');
    const connection = {
      url: server.connection('held').url.replace(/\/\/[^@]*@/, '//waiter@'),
      password: 'waiter-secret',
    };
    await server.run(
      'held',
      `SET ROLE waiter; CREATE SCHEMA a; CREATE SCHEMA b; CREATE TABLE a.t (i int); CREATE TABLE b.t (i int)`,
    );
    const plain = new MemoryStore();
    await server.create('held source', 'CREATE TABLE t (i int)');
    const plainDump = await server.engine.dump(dumpRequest(server, 'held source', plain));
    const engine = postgresqlEngine({ clientTools: async () => server.tools, emptyLockWait: 300 });
    const load = () =>
      engine.load(loadRequest(server, 'held', plain, plainDump, { replaceExisting: true, connection }));
    const left = () =>
      server.value('held', `SELECT count(*)::int FROM pg_class WHERE relname = 't' AND relkind = 'r'`);
    const asking = (sql: string, work: () => Promise<void>) =>
      server.withClient('held', async (client) => {
        await client.query(`SET application_name = 'monitor'; BEGIN; ${sql}`);
        await work();
      });

    await asking('SELECT FROM b.t', async () => {
      const loading = load();
      await expect(loading).rejects.toMatchObject({ code: 'database.notEmptied', retryable: true });
      await expect(loading).rejects.toThrow(
        /in use by process \d+ of "\w+" \("monitor"\).* Nothing was dropped\./,
      );
      expect(await left()).toBe(2);
    });
    // Not seen beforehand, since no table is in use.
    await asking(`COMMENT ON SCHEMA b IS 'x'`, async () => {
      const loading = load();
      await expect(loading).rejects.toMatchObject({ code: 'database.notEmptied', retryable: true });
      await expect(loading).rejects.toThrow(
        /"monitor".* A part of what was there has been dropped already\./,
      );
      expect(await left()).toBe(1);
    });
    expect(await load()).toMatchObject({ tables: 1, differences: [] });
  });

  it('still refuses what holds data without being told to replace it', async () => {
    await server.create('kept', 'CREATE TABLE t (i int)');
    await expect(server.engine.load(loadRequest(server, 'kept', store, dump))).rejects.toMatchObject({
      code: 'database.targetOccupied',
    });
    expect(await server.value('kept', `SELECT to_regclass('t')::text`)).toBe('t');
  });
});
