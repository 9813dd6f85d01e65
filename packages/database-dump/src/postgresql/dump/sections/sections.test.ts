import { execFile } from 'node:child_process';
import { zstdDecompressSync } from 'node:zlib';
import type { DatabaseDump } from '@lcb/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bigDatabase } from '../../../testing/big-database.ts';
import { MemoryStore } from '../../../testing/memory-store.ts';
import { inChunks, plainDump } from '../../../testing/plain-dump.ts';
import { dumpRequest, keyOf, loadRequest, storedLines } from '../../../testing/requests.ts';
import { startTestServer, type TestServer } from '../../../testing/test-server.ts';
import { postgresqlEngine } from '../../postgresql-engine.ts';

const sizes = { bigTable: 64 * 1024, part: 256 * 1024 };

let server: TestServer;
let engine: ReturnType<typeof postgresqlEngine>;
const store = new MemoryStore();
let dump: DatabaseDump;
let source: string[];

/** What `pg_dump` says of a database, whatever the order of rows on its disk. */
async function linesOf(database: string): Promise<string[]> {
  const text = await plainDump(server, database, ['--no-owner']);
  return text
    .split('\n')
    .filter((line) => !/^\\(?:un)?restrict /.test(line))
    .sort();
}

beforeAll(async () => {
  server = await startTestServer();
  engine = postgresqlEngine({ clientTools: async () => server.tools, workers: 3, sizes });
  await server.create('source', bigDatabase);
  source = await linesOf('source');
  dump = await engine.dump(dumpRequest(server, 'source', store));
}, 120_000);
afterAll(() => server?.stop());

function script(): Buffer {
  return Buffer.concat(dump.parts.map(({ path }) => zstdDecompressSync(store.bytes(keyOf(path)))));
}

async function psql(database: string, sql: Buffer): Promise<void> {
  const { url, password } = server.connection(database);
  await new Promise<void>((resolve, reject) => {
    const child = execFile(
      server.tools.psql,
      ['--no-psqlrc', '--quiet', '--set=ON_ERROR_STOP=1', '--file=-', `--dbname=${url}`],
      { env: { ...process.env, PGPASSWORD: password ?? '' } },
      (error) => (error ? reject(error) : resolve()),
    );
    child.stdin?.end(sql);
  });
}

describe('a dump by several readers', () => {
  it('has definitions, rows in many parts, and what is defined on them, in this order', () => {
    const sections = dump.parts.map(({ section }) => section);
    expect(sections[0]).toBe('preData');
    expect(sections.at(-1)).toBe('postData');
    expect(new Set(sections.slice(1, -1))).toEqual(new Set(['data']));
    expect(sections.length).toBeGreaterThan(15);
    expect(new Set(dump.parts.map(({ path }) => path)).size).toBe(dump.parts.length);
    expect(store.keys()).toEqual(
      [...dump.parts.map(({ path }) => keyOf(path)), keyOf(dump.tables.path)].sort(),
    );
    expect(dump.bytes).toBe(script().length);
    expect(dump.statements?.parsed).toBe(100);
    expect(dump.statements?.unrecognised.count).toBe(0);
  });

  it('has counted every row on its way, and the server has, too', async () => {
    const tables = storedLines(store, dump.tables.path);
    const counts: unknown[] = [];
    for (const table of tables) {
      expect(table).toMatchObject({ rows: expect.any(Number), sourceRows: expect.any(Number) });
      counts.push(table);
    }
    expect(counts).toContainEqual({ schema: 'public', table: 'content', rows: 9999, sourceRows: 9999 });
    expect(counts).toContainEqual({ schema: 'public', table: 'emptied', rows: 0, sourceRows: 0 });
    expect(counts).toContainEqual({ schema: 'public', table: 'parent', rows: 2000, sourceRows: 2000 });
    expect(dump.tables.rows).toBe(dump.tables.sourceRows);
    expect(dump.sequences).toEqual({ count: 2, sourceCount: 2 });
    expect(dump.largeObjects).toEqual({ count: 3, sourceCount: 3 });
  });

  it('is one script that psql loads', async () => {
    await server.create('by_hand', 'SELECT');
    await psql('by_hand', script());
    expect(await linesOf('by_hand')).toEqual(source);
  });

  it('is loaded by several sessions into the same database', async () => {
    const load = await engine.load(loadRequest(server, 'loaded', store, dump));
    expect(load.differences).toEqual([]);
    expect(load.rows).toBe(dump.tables.rows);
    expect(await linesOf('loaded')).toEqual(source);
    expect(
      await server.value(
        'loaded',
        'SELECT indisclustered FROM pg_index WHERE indexrelid = $$content_group$$::regclass',
      ),
    ).toBe(true);
  });

  it('is loaded by one session, too', async () => {
    const one = postgresqlEngine({ clientTools: async () => server.tools, workers: 1 });
    const load = await one.load(loadRequest(server, 'one_by_one', store, dump));
    expect(load.differences).toEqual([]);
    expect(await linesOf('one_by_one')).toEqual(source);
  });

  it("is loaded as a stranger's, statement by statement", async () => {
    const request = loadRequest(server, 'of_strangers', store, dump, { untrusted: true });
    const load = await engine.load(request);
    expect(load.differences).toEqual([]);
    expect(load.rows).toBe(dump.tables.rows);

    // What came of it is dumped by several readers, too, as a guest, and is a stranger's again.
    const again = new MemoryStore();
    const made = await engine.dump(dumpRequest(server, 'of_strangers', again));
    expect(made.untrusted).toBe(true);
    expect(made.parts.length).toBeGreaterThan(15);
    expect(made.tables).toMatchObject({ rows: dump.tables.rows, sourceRows: dump.tables.rows });
    const roles = `SELECT count(*)::int FROM pg_stat_activity WHERE usename LIKE 'lcb%'`;
    expect(await server.value('postgres', roles)).toBe(0);
  });

  it('is imported as one file, and not when that was cut between two parts', async () => {
    await server.create('imported', 'SELECT');
    const imported = (database: string, sql: Buffer) =>
      engine.importDump({
        connection: server.connection(database),
        source: inChunks(sql, 65_536),
        name: 'database.sql',
        signal: new AbortController().signal,
        onProgress: () => {},
      });
    await imported('imported', script());
    expect(await server.value('imported', 'SELECT count(*)::int FROM content')).toBe(9999);

    await server.create('cut', 'SELECT');
    const [last] = dump.parts.slice(-1);
    const cut = script().subarray(0, dump.bytes - (last?.uncompressedBytes ?? 0));
    await expect(imported('cut', cut)).rejects.toMatchObject({ code: 'database.dumpTruncated' });
  });

  it('can be told from another by its hash', async () => {
    const again = await engine.dump(dumpRequest(server, 'source', new MemoryStore()));
    expect(again.tables.rows).toBe(dump.tables.rows);
    // The same run may load it again: nothing happens. Another dump is loaded anew.
    expect((await engine.load(loadRequest(server, 'loaded', store, dump))).differences).toEqual([]);
    await server.run('loaded', 'DELETE FROM no_columns');
    expect((await engine.load(loadRequest(server, 'loaded', store, dump))).differences).toHaveLength(1);
  });

  it.each(['damaged', 'cut'] as const)('is refused with a part of rows that is %s', async (how) => {
    const damaged = new MemoryStore();
    for (const key of store.keys()) await damaged.put(key, store.bytes(key));
    const key = keyOf(dump.parts[5]?.path ?? '');
    damaged.damage(key, (bytes) => {
      if (how === 'cut') return bytes.subarray(0, bytes.length - 9);
      bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
      return bytes;
    });
    const loading = engine.load(loadRequest(server, `with_${how}`, damaged, dump));
    await expect(loading).rejects.toMatchObject({ code: 'integrity.mismatch' });
    // The next try drops what was left.
    const load = await engine.load(loadRequest(server, `with_${how}`, store, dump));
    expect(load.differences).toEqual([]);
  });

  it('is one stream where one reader is asked for, or no table is big', async () => {
    const alone = await engine.dump(dumpRequest(server, 'source', new MemoryStore(), { workers: 1 }));
    expect(alone.parts).toHaveLength(1);
    expect(alone.parts[0]).not.toHaveProperty('section');
    const usual = postgresqlEngine({ clientTools: async () => server.tools, workers: 2 });
    expect((await usual.dump(dumpRequest(server, 'source', new MemoryStore()))).parts).toHaveLength(1);
  });

  it('leaves out what the selection leaves out', async () => {
    const selection = { ignoreSchemas: ['we ird*'], withoutData: ['content'] };
    const some = new MemoryStore();
    const made = await engine.dump(dumpRequest(server, 'source', some, { selection }));
    expect(storedLines(some, made.tables.path)).toContainEqual({
      schema: 'public',
      table: 'content',
      rows: 0,
      sourceRows: 0,
      withoutData: true,
    });
    expect(made.schemas).toEqual(['public']);
    const load = await engine.load(loadRequest(server, 'some', some, made));
    expect(load.differences).toEqual([]);
  });
});

describe('while others write', () => {
  it('all readers see one moment', async () => {
    const accounts = (name: string) =>
      `CREATE TABLE ${name} (id int PRIMARY KEY, amount int, text text); INSERT INTO ${name} SELECT i, 100, repeat('x', 400) FROM generate_series(1, 4000) i;`;
    await server.create('moving', accounts('a') + accounts('b'));
    let isDone = false;
    const writer = server.withClient('moving', async (client) => {
      let transfers = 0;
      while (!isDone) {
        const id = 1 + (transfers % 4000);
        await client.query(
          `BEGIN; UPDATE a SET amount = amount - 7 WHERE id = ${id}; UPDATE b SET amount = amount + 7 WHERE id = ${4001 - id};
           INSERT INTO a VALUES (${10_000 + transfers}, 0, repeat('y', 300)); COMMIT`,
        );
        transfers += 1;
      }
      return transfers;
    });
    const slow = new MemoryStore();
    slow.onChunk = () => new Promise((resolve) => setTimeout(resolve, 5));
    const made = await engine.dump(dumpRequest(server, 'moving', slow)).finally(() => {
      isDone = true;
    });
    expect(await writer).toBeGreaterThan(20);
    expect(made.tables.rows).toBe(made.tables.sourceRows);
    const load = await engine.load(loadRequest(server, 'moved', slow, made));
    expect(load.differences).toEqual([]);
    expect(
      await server.value('moved', 'SELECT (SELECT sum(amount) FROM a) + (SELECT sum(amount) FROM b)'),
    ).toBe('800000');
  });
});
