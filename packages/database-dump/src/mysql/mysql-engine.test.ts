import { once } from 'node:events';
import { createServer } from 'node:net';
import { databaseDumpSchema, databaseLoadSchema } from '@lcb/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { awkwardMysql, awkwardMysqlTables } from '../testing/awkward-mysql.ts';
import { MemoryStore } from '../testing/memory-store.ts';
import { type MysqlServer, startMysqlServer } from '../testing/mysql-server.ts';
import { dumpRequest, loadRequest, storedLines } from '../testing/requests.ts';

let server: MysqlServer;
beforeAll(async () => {
  server = await startMysqlServer();
  await server.create('sour`ce', awkwardMysql, 'CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci');
});
afterAll(() => server?.remove());

describe('a dump and its load', () => {
  it.each(['zstd', 'gzip'] as const)('give an equal database (%s)', async (compression) => {
    const store = new MemoryStore();
    const target = `target ${compression}`;
    const dump = await server.engine.dump(dumpRequest(server, 'sour`ce', store, { compression }));
    const load = await server.engine.load(loadRequest(server, target, store, dump));

    expect(databaseDumpSchema.parse(dump)).toEqual(dump);
    expect(databaseLoadSchema.parse(load)).toEqual(load);
    expect(load).toMatchObject({ differences: [], tables: awkwardMysqlTables.length, sequences: 1 });
    expect(load.rows).toBe(dump.tables.rows);
    expect(await server.asText(target)).toBe(await server.asText('sour`ce'));
  });

  it('describes what it dumped', async () => {
    const store = new MemoryStore();
    const before = Date.now();
    const dump = await server.engine.dump(dumpRequest(server, 'sour`ce', store));
    expect(dump).toMatchObject({
      engine: 'mysql',
      database: 'sour`ce',
      locale: { provider: 'mysql', characterSet: 'utf8mb4', collation: 'utf8mb4_unicode_ci' },
      settings: [],
      schemas: ['sour`ce'],
      leftOut: { schemas: [], data: [] },
      moment: 'shared',
      nonTransactional: [{ schema: 'sour`ce', table: 'frozen_not', storageEngine: 'MyISAM' }],
      sequences: { count: 1, sourceCount: 1 },
      parts: [
        { path: 'attempts/1/database/dump.sql.zst', schema: 'sour`ce' },
        { path: 'attempts/1/database/events.sql.zst', schema: 'sour`ce', events: true },
      ],
    });
    expect(dump.tool).toMatch(/mariadb-dump .*Ver/);
    expect(Date.parse(dump.snapshotTime.from)).toBeGreaterThanOrEqual(before - 1);
    expect(Date.parse(dump.snapshotTime.to)).toBeGreaterThanOrEqual(Date.parse(dump.snapshotTime.from));
    expect(storedLines(store, dump.tables.path)).toEqual(
      awkwardMysqlTables.map(([table, rows]) => ({
        schema: 'sour`ce',
        table,
        rows,
        sourceRows: rows,
        ...(table === 'frozen_not' ? { nonTransactional: true } : {}),
      })),
    );
  });

  it('stays at one moment while somebody writes', async () => {
    await server.create('busy', 'CREATE TABLE a (i int, t text); CREATE TABLE b (i int, t text)');
    const store = new MemoryStore();
    const insert = `START TRANSACTION; INSERT INTO a SELECT seq, REPEAT(MD5(seq), 20) FROM seq_1_to_500;
      INSERT INTO b SELECT seq, REPEAT(MD5(seq), 20) FROM seq_1_to_500; COMMIT`;
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
    expect(dumped.moment).toBe('shared');
    const [a, b] = storedLines(store, dumped.tables.path);
    const half = dumped.tables.rows / 2;
    expect(a).toMatchObject({ table: 'a', rows: half, sourceRows: half });
    expect(b).toMatchObject({ table: 'b', rows: half, sourceRows: half });
    expect(Number(await server.value('busy', 'SELECT count(*) FROM a'))).toBeGreaterThan(half);
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
  it('says what is there, and what a snapshot does not cover', async () => {
    const facts = await server.engine.inspect(server.connection('sour`ce'));
    expect(facts).toMatchObject({
      database: 'sour`ce',
      schemas: ['sour`ce'],
      tables: awkwardMysqlTables.length,
      warnings: [expect.stringContaining('sour`ce.frozen_not (MyISAM)')],
    });
    expect(facts.bytes).toBeGreaterThan(10_000);
  });

  it('says that the password is wrong, without telling it', async () => {
    const inspecting = server.engine.inspect({
      ...server.connection('sour`ce'),
      password: 'wr:ong secret',
    });
    await expect(inspecting).rejects.toMatchObject({ code: 'database.authentication', retryable: false });
    await expect(inspecting).rejects.not.toThrow('wr:ong secret');
  });

  it('says that the database is not there', async () => {
    const inspecting = server.engine.inspect(server.connection('nowhere'));
    await expect(inspecting).rejects.toMatchObject({ code: 'database.notFound', retryable: false });
  });

  it.each(['mysql', 'information_schema', 'PERFORMANCE_SCHEMA'])(
    'does not take %s for an environment',
    async (name) => {
      const inspecting = server.engine.inspect(server.connection(name));
      await expect(inspecting).rejects.toMatchObject({ code: 'database.notFound' });
    },
  );

  it.each([
    ['nobody listens', async () => `mysql://me@127.0.0.1:${await freePort()}/x`],
    ['there is no such host', async () => 'mysql://me@no-such-host.invalid/x'],
    ['there is no such socket', async () => 'mysql://me@localhost/x?socket=/nowhere'],
  ])('says that the server is not reached where %s', async (_, url) => {
    const inspecting = server.engine.inspect({ url: await url(), password: 'secret' });
    await expect(inspecting).rejects.toMatchObject({ code: 'database.unreachable', retryable: true });
  });

  it('says that TLS was asked for and is not there', async () => {
    const { url, password } = server.connection('sour`ce');
    const inspecting = server.engine.inspect({ url: `${url}?ssl-mode=required`, password });
    await expect(inspecting).rejects.toThrow(/SSL|secure/i);
  });

  it('enters by a socket', async () => {
    const { url, password } = server.connection('sour`ce');
    const facts = await server.engine.inspect({ url: `${url}?socket=${server.socket}`, password });
    expect(facts.database).toBe('sour`ce');
  });
});
