import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { promisify } from 'node:util';
import { databaseDumpSchema, databaseLoadSchema, LcbError } from '@lcb/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { awkwardDatabase, awkwardTables } from '../testing/awkward-database.ts';
import { MemoryStore } from '../testing/memory-store.ts';
import { dumpRequest, keyOf, loadRequest, storedLines } from '../testing/requests.ts';
import { startTestServer, type TestServer } from '../testing/test-server.ts';
import { parseEndpoint } from './connection/endpoint.ts';
import { toolEnvironment } from './connection/tool-environment.ts';
import { postgresqlEngine } from './postgresql-engine.ts';

const inspected = 'ödd name';
let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
  await server.create(inspected, 'CREATE SCHEMA b; CREATE TABLE b.t (i int); CREATE TABLE t (i int)');
  await server.create('source', awkwardDatabase);
});
afterAll(() => server?.stop());

/** Everything of a database as text, by a dump of its own. */
async function asText(database: string): Promise<string> {
  const env = toolEnvironment(parseEndpoint(server.connection(database)));
  const options = { env, maxBuffer: 64 * 1024 * 1024 };
  const { stdout } = await promisify(execFile)(server.tools.pgDump, ['--no-owner'], options);
  return stdout.replaceAll(/^\\(un)?restrict .*$/gm, '');
}

describe('a dump and its load', () => {
  it.each(['zstd', 'gzip'] as const)('give an equal database (%s)', async (compression) => {
    const store = new MemoryStore();
    const target = `target ${compression}`;
    const dump = await server.engine.dump(dumpRequest(server, 'source', store, { compression }));
    const load = await server.engine.load(loadRequest(server, target, store, dump));

    expect(databaseDumpSchema.parse(dump)).toEqual(dump);
    expect(databaseLoadSchema.parse(load)).toEqual(load);
    expect(load).toMatchObject({ differences: [], tables: awkwardTables.length, largeObjects: 3 });
    expect(load.sequences).toBe(dump.sequences.count);
    expect(load.rows).toBe(dump.tables.rows);
    expect(await asText(target)).toBe(await asText('source'));
  });

  it('describes what it dumped', async () => {
    const store = new MemoryStore();
    const before = Date.now();
    const dump = await server.engine.dump(dumpRequest(server, 'source', store));
    expect(dump).toMatchObject({
      database: 'source',
      locale: { provider: 'libc', encoding: 'UTF8' },
      settings: [],
      schemas: ['lpartition_1', 'public', 'we ird"; schema'],
      sequences: { count: 2, sourceCount: 2 },
      largeObjects: { count: 3, sourceCount: 3 },
      libraryRows: [],
      parts: [{ path: 'attempts/1/database/dump.sql.zst', compression: 'zstd' }],
    });
    expect(dump.tool).toContain(`pg_dump (PostgreSQL) ${server.tools.version}`);
    expect(dump.serverVersion).toMatch(new RegExp(`^${server.major}\\.\\d+$`));
    expect(Date.parse(dump.snapshotTime.from)).toBeGreaterThanOrEqual(before - 1);
    expect(Date.parse(dump.snapshotTime.to)).toBeGreaterThanOrEqual(Date.parse(dump.snapshotTime.from));
    expect(storedLines(store, dump.tables.path)).toEqual(
      awkwardTables.map(([schema, table, rows]) => ({ schema, table, rows, sourceRows: rows })),
    );
    expect(store.keys()).toEqual([dump.parts[0]?.path, dump.tables.path].map((path) => keyOf(path ?? '')));
  });

  it('stays at one moment while somebody writes', async () => {
    await server.create('busy', 'CREATE TABLE a (i int, t text); CREATE TABLE b (i int, t text)');
    const store = new MemoryStore();
    const insert = `WITH n AS (SELECT i, repeat(md5(i::text), 20) AS t FROM generate_series(1, 500) i), x AS (INSERT INTO a SELECT * FROM n)
      INSERT INTO b SELECT * FROM n`;
    const dumped = await server.withClient('busy', async (client) => {
      for (let i = 0; i < 10; i += 1) await client.query(insert);
      let done = false;
      const dumping = server.engine.dump(dumpRequest(server, 'busy', store)).finally(() => {
        done = true;
      });
      // Writes until the dump has ended, whatever becomes of it.
      while (!done) await client.query(insert);
      return await dumping;
    });
    const [a, b] = storedLines(store, dumped.tables.path);
    expect(a).toMatchObject({ table: 'a', rows: dumped.tables.rows / 2, sourceRows: dumped.tables.rows / 2 });
    expect(b).toMatchObject({ table: 'b', rows: dumped.tables.rows / 2, sourceRows: dumped.tables.rows / 2 });
    const now = Number(await server.value('busy', 'SELECT count(*) FROM a'));
    expect(now).toBeGreaterThan(dumped.tables.rows / 2);
  });

  it('is of between the two times that the clock of the library is asked for', async () => {
    await server.create('timed', 'CREATE TABLE t (asked int)');
    const store = new MemoryStore();
    let asked = 0;
    const libraryClock = async () => {
      asked += 1;
      await server.run('timed', `INSERT INTO t VALUES (${asked})`);
      return { from: `2025-01-0${asked}T00:00:00.000Z`, to: `2025-01-0${asked}T00:00:00.999Z` };
    };
    const dump = await server.engine.dump(dumpRequest(server, 'timed', store, { libraryClock }));
    expect(dump.libraryTime).toEqual({ from: '2025-01-01T00:00:00.000Z', to: '2025-01-02T00:00:00.999Z' });
    // What the first question wrote is in the dump, what the second one wrote is not.
    expect([asked, dump.tables.rows]).toEqual([2, 1]);
  });

  it('carries what a user configured of an extension, and not what the extension brings', async (context) => {
    const sql = `SELECT count(*)::int FROM pg_available_extensions WHERE name = 'citext'`;
    if ((await server.value('postgres', sql)) === 0) context.skip('this server has no extension citext');
    await server.create(
      'extended',
      `CREATE EXTENSION citext; CREATE TABLE own (c citext); CREATE TABLE brought (i int); CREATE TABLE settings (i int);
       INSERT INTO own VALUES ('x'); INSERT INTO brought VALUES (1); INSERT INTO settings VALUES (1), (100), (200);
       CREATE SEQUENCE own_numbers; CREATE SEQUENCE brought_numbers; CREATE SEQUENCE configured_numbers;
       ALTER EXTENSION citext ADD TABLE brought; ALTER EXTENSION citext ADD TABLE settings;
       ALTER EXTENSION citext ADD SEQUENCE brought_numbers; ALTER EXTENSION citext ADD SEQUENCE configured_numbers;
       UPDATE pg_extension SET extcondition = ARRAY['WHERE i >= 100', ''],
           extconfig = ARRAY['settings'::regclass::oid, 'configured_numbers'::regclass::oid]
         WHERE extname = 'citext'`,
    );
    const store = new MemoryStore();
    const dump = await server.engine.dump(dumpRequest(server, 'extended', store));
    expect(storedLines(store, dump.tables.path)).toEqual([
      { schema: 'public', table: 'own', rows: 1, sourceRows: 1 },
      { schema: 'public', table: 'settings', rows: 2, sourceRows: 2 },
    ]);
    expect(dump.sequences).toEqual({ count: 2, sourceCount: 2 });
  });
});

/** A port on which nobody listens. */
async function freePort(): Promise<number> {
  const listener = createServer().listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const address = listener.address();
  listener.close();
  await once(listener, 'close');
  return typeof address === 'object' && address ? address.port : 0;
}

describe('inspect', () => {
  it('says what is there', async () => {
    const facts = await server.engine.inspect(server.connection(inspected));
    expect(facts).toMatchObject({ database: inspected, schemas: ['b', 'public'], tables: 2 });
    expect(facts.bytes).toBeGreaterThan(1_000_000);
  });

  it('says that the password is wrong, without telling it', async () => {
    const inspecting = server.engine.inspect({ ...server.connection(inspected), password: 'wr:ong secret' });
    await expect(inspecting).rejects.toMatchObject({ code: 'database.authentication', retryable: false });
    await expect(inspecting).rejects.not.toThrow('wr:ong secret');
  });

  it('says that a password is missing', async () => {
    const inspecting = server.engine.inspect({ ...server.connection(inspected), password: undefined });
    await expect(inspecting).rejects.toMatchObject({ code: 'database.authentication' });
  });

  it('says that the database is not there', async () => {
    const inspecting = server.engine.inspect(server.connection('nowhere'));
    await expect(inspecting).rejects.toMatchObject({ code: 'database.notFound', retryable: false });
  });

  it.each([
    ['nobody listens', async () => `postgresql://me@127.0.0.1:${await freePort()}/x`],
    ['there is no such host', async () => 'postgresql://me@no-such-host.invalid/x'],
    ['there is no such socket', async () => 'postgresql://me@/x?host=/nowhere'],
  ])('says that the server is not reached where %s', async (_, url) => {
    const inspecting = server.engine.inspect({ url: await url(), password: 'secret' });
    await expect(inspecting).rejects.toMatchObject({ code: 'database.unreachable', retryable: true });
  });

  it('says that TLS was asked for and is not there', async () => {
    const { url, password } = server.connection(inspected);
    const inspecting = server.engine.inspect({ url: `${url}?sslmode=require`, password });
    await expect(inspecting).rejects.toThrow(/does not support SSL/);
  });

  it('passes on that there is no fitting tool', async () => {
    const missing = new LcbError({ code: 'tools.missing', message: 'Install the PostgreSQL client.' });
    const engine = postgresqlEngine({ clientTools: () => Promise.reject(missing) });
    await expect(engine.inspect(server.connection(inspected))).rejects.toBe(missing);
  });

  it('refuses tools that are older than the server', async () => {
    const engine = postgresqlEngine({
      clientTools: async () => ({ ...server.tools, version: '12.1', major: 12 }),
    });
    await expect(engine.inspect(server.connection(inspected))).rejects.toMatchObject({
      code: 'database.toolTooOld',
    });
  });
});
