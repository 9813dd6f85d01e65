import { zstdDecompressSync } from 'node:zlib';
import type { DatabaseDump } from '@lcb/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { awkwardMysql } from '../../../testing/awkward-mysql.ts';
import { MemoryStore } from '../../../testing/memory-store.ts';
import { type MysqlServer, startMysqlServer } from '../../../testing/mysql-server.ts';
import { inChunks } from '../../../testing/plain-dump.ts';
import { dumpRequest, keyOf, loadRequest, storedLines } from '../../../testing/requests.ts';
import { mysqlEngine } from '../../mysql-engine.ts';

/** Nearly all of it in one table, with keys far apart and close together; and what rows of many kinds are written as. */
const bigMysql = `
CREATE TABLE content (id bigint, ct bigint DEFAULT 0, title varchar(100), body longtext, f float, d double, twice bigint AS (ct * 2), PRIMARY KEY (id, ct), KEY (title));
INSERT INTO content (id, title, body, f, d)
  SELECT IF(seq % 2, seq, -9223372036854775807 + CAST(seq AS SIGNED) * 1000000000), CONCAT('it''s\\ttitle\\r\\n', seq), REPEAT(MD5(seq), 10), seq / 7, seq / 3 FROM seq_1_to_6000;
CREATE TABLE unsigned_keys (id bigint UNSIGNED PRIMARY KEY, text varchar(200));
INSERT INTO unsigned_keys SELECT 18446744073709551615 - seq, REPEAT('x', 200) FROM seq_0_to_1999;
CREATE TABLE by_name (name varchar(40) PRIMARY KEY, text varchar(200));
INSERT INTO by_name SELECT CONCAT('n', seq), REPEAT('\\\\', 200) FROM seq_1_to_1000;
CREATE TABLE one_company (company int, id int, text varchar(200), PRIMARY KEY (company, id));
INSERT INTO one_company SELECT 7, seq, REPEAT('c', 200) FROM seq_1_to_1000;
CREATE TABLE no_key (i int, text varchar(200)); INSERT INTO no_key SELECT seq, REPEAT('n', 200) FROM seq_1_to_1000;
CREATE TABLE versioned (id int PRIMARY KEY, text text) WITH SYSTEM VERSIONING; INSERT INTO versioned SELECT seq, 'v' FROM seq_1_to_100;
CREATE TABLE hidden (id int PRIMARY KEY, secret int INVISIBLE DEFAULT 5); INSERT INTO hidden (id, secret) VALUES (1, 9);
CREATE TABLE wide (${Array.from({ length: 300 }, (_, index) => `c${index} int DEFAULT ${index}`).join(', ')}); INSERT INTO wide () VALUES ();
CREATE TABLE counted (n int); INSERT INTO counted VALUES (0);
CREATE TRIGGER counts AFTER INSERT ON no_key FOR EACH ROW UPDATE counted SET n = n + 1;
`;

let server: MysqlServer;
let engine: ReturnType<typeof mysqlEngine>;
const store = new MemoryStore();
let dump: DatabaseDump;
let source: string;

beforeAll(async () => {
  server = await startMysqlServer({ 'max-allowed-packet': '64M' });
  engine = mysqlEngine({ workers: 3, sizes: { bigTable: 0, part: 64 * 1024 } });
  await server.create('source', awkwardMysql + bigMysql);
  await analyze('source');
  source = await server.asText('source');
  dump = await engine.dump(dumpRequest(server, 'source', store));
}, 120_000);
afterAll(() => server?.remove());

/** What is cut how goes by the server's statistics, which it gathers when it likes. */
async function analyze(database: string): Promise<void> {
  await server.withClient(database, async (client) => {
    const [tables] = await client.query(
      "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = DATABASE() AND table_type = 'BASE TABLE'",
    );
    for (const row of Array.isArray(tables) ? tables : [])
      if ('name' in row) await client.query('ANALYZE TABLE ??', [row.name]);
  });
}

const plain = (path: string, of = store) => zstdDecompressSync(of.bytes(keyOf(path)));
const script = () => Buffer.concat(dump.parts.map(({ path }) => plain(path)));
const rowsIn = (part: { readonly path: string }, table: string) =>
  plain(part.path).includes(`INSERT INTO \`${table}\` (`);

describe('a dump by several readers', () => {
  it('has definitions, rows in many parts, triggers and events, in this order', () => {
    const kinds = dump.parts.map(({ section, events }) => (events ? 'events' : section));
    expect(kinds.filter((kind, index) => kind !== kinds[index - 1])).toEqual([
      'preData',
      'data',
      'postData',
      'events',
    ]);
    expect(kinds.length).toBeGreaterThan(30);
    expect(new Set(dump.parts.map(({ path }) => path)).size).toBe(dump.parts.length);
    expect(store.keys()).toEqual(
      [...dump.parts.map(({ path }) => keyOf(path)), keyOf(dump.tables.path)].sort(),
    );
    expect(dump.bytes).toBe(script().length);
    expect(dump.moment).toBe('shared');
    expect(dump.statements?.unrecognised.count).toBe(0);
  });

  it('cuts a table where its keys are whole numbers', () => {
    const partsOf = (table: string) => dump.parts.filter((part) => rowsIn(part, table)).length;
    expect(partsOf('content')).toBeGreaterThan(10);
    expect(partsOf('unsigned_keys')).toBeGreaterThan(3);
    expect([partsOf('by_name'), partsOf('no_key'), partsOf('one_company')]).toEqual([1, 1, 1]);
    // The dump program has those whose rows are not ours to read.
    expect([partsOf('versioned'), partsOf('frozen_not')]).toEqual([0, 0]);
  });

  it('has counted every row on its way, and the server has, too', () => {
    const counts = storedLines(store, dump.tables.path);
    expect(counts).toContainEqual({ schema: 'source', table: 'content', rows: 6000, sourceRows: 6000 });
    expect(counts).toContainEqual({ schema: 'source', table: 'versioned', rows: 100, sourceRows: 100 });
    expect(dump.tables.rows).toBe(dump.tables.sourceRows);
    expect(dump.sequences).toEqual({ count: 1, sourceCount: 1 });
  });

  it('is one script that the client loads', async () => {
    await server.create('by_hand', 'SELECT 1');
    await server.run('by_hand', script());
    expect(await server.asText('by_hand')).toBe(source);
  });

  it('is loaded by several clients into the same database, and triggers have not fired', async () => {
    const load = await engine.load(loadRequest(server, 'loaded', store, dump));
    expect(load.differences).toEqual([]);
    expect(load.rows).toBe(dump.tables.rows);
    expect(await server.asText('loaded')).toBe(source);
    expect(await server.value('loaded', 'SELECT n FROM counted')).toBe(0);
  });

  it('is loaded by one client, too, and as a stranger’s', async () => {
    const one = mysqlEngine({ workers: 1 });
    expect((await one.load(loadRequest(server, 'one_by_one', store, dump))).differences).toEqual([]);
    expect(await server.asText('one_by_one')).toBe(source);
    const untrusted = await engine.load(
      loadRequest(server, 'of_strangers', store, dump, { untrusted: true }),
    );
    expect(untrusted.differences).toEqual([]);
    expect(untrusted.rows).toBe(dump.tables.rows);
  });

  it('keeps all digits of a number', async () => {
    const sum = 'SELECT CONCAT(SUM(f * 1e0), " ", SUM(d)) FROM content';
    expect(await server.value('loaded', sum)).toBe(await server.value('source', sum));
  });

  it('takes rows that are larger than a packet of the protocol', async () => {
    await server.create(
      'huge',
      `CREATE TABLE huge (id int PRIMARY KEY, b longblob);
       INSERT INTO huge VALUES (1, REPEAT(UNHEX('00ff275c0a'), 3400000)), (2, ''), (3, NULL), (4, REPEAT('x', 16777215 - 8)), (5, 0xfe)`,
    );
    await analyze('huge');
    const large = new MemoryStore();
    const made = await engine.dump(dumpRequest(server, 'huge', large));
    expect(made.parts.length).toBeGreaterThan(3);
    expect((await engine.load(loadRequest(server, 'huge_again', large, made))).differences).toEqual([]);
    const hashes = 'SELECT GROUP_CONCAT(id, SHA2(b, 256), LENGTH(b) ORDER BY id) FROM huge';
    expect(await server.value('huge_again', hashes)).toBe(await server.value('huge', hashes));
  });

  it('is imported as one file, and not when that was cut', async () => {
    const imported = async (database: string, sql: Buffer) => {
      await server.create(database, 'SELECT 1');
      return await engine.importDump({
        connection: server.connection(database),
        source: inChunks(sql, 65_536),
        name: 'database.sql',
        signal: new AbortController().signal,
        onProgress: () => {},
      });
    };
    await imported('imported', script());
    expect(await server.value('imported', 'SELECT COUNT(*) FROM content')).toBe(6000);
    // In the middle, and between two parts.
    const [last] = dump.parts.slice(-1);
    for (const length of [dump.bytes >> 1, dump.bytes - (last?.uncompressedBytes ?? 0)]) {
      const cut = script().subarray(0, length);
      await expect(imported(`cut_${length}`, cut)).rejects.toMatchObject({ code: 'database.dumpTruncated' });
    }
  });

  it.each(['damaged', 'cut'] as const)('is refused with a part of rows that is %s', async (how) => {
    const damaged = new MemoryStore();
    for (const key of store.keys()) await damaged.put(key, store.bytes(key));
    const key = keyOf(dump.parts.findLast(({ section }) => section === 'data')?.path ?? '');
    damaged.damage(key, (bytes) => {
      if (how === 'cut') return bytes.subarray(0, bytes.length - 9);
      bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
      return bytes;
    });
    const loading = engine.load(loadRequest(server, `with_${how}`, damaged, dump));
    await expect(loading).rejects.toMatchObject({ code: 'integrity.mismatch' });
    expect((await engine.load(loadRequest(server, `with_${how}`, store, dump))).differences).toEqual([]);
  });

  it('is one stream where one reader is asked for, no table is big, or nobody may be kept from writing', async () => {
    const dumped = async (asked: ReturnType<typeof mysqlEngine>, changes = {}) =>
      (await asked.dump(dumpRequest(server, 'source', new MemoryStore(), changes))).parts;
    for (const parts of [
      await dumped(engine, { workers: 1 }),
      await dumped(mysqlEngine({ workers: 2, sizes: { bigTable: 2 ** 30, part: 1 } })),
      await dumped(mysqlEngine({ workers: 2, lockSeconds: 0, sizes: { bigTable: 0, part: 1 } })),
    ]) {
      expect(parts).toHaveLength(2);
      expect(parts[0]).not.toHaveProperty('section');
    }
  });

  it('is one stream where nothing can be locked', async () => {
    await server.run(
      undefined,
      `CREATE USER plain IDENTIFIED BY 'plain-secret'; GRANT SELECT, SHOW VIEW, TRIGGER, EVENT ON source.* TO plain;`,
    );
    const connection = server.connection('source', 'plain', 'plain-secret');
    const made = await engine.dump(dumpRequest(server, 'source', new MemoryStore(), { connection }));
    expect(made.moment).toBe('near');
    expect(made.parts.map(({ section }) => section)).toEqual([undefined, undefined]);
  });

  it('leaves out the rows that the selection leaves out', async () => {
    const selection = { ignoreSchemas: [], withoutData: ['content', 'frozen_not'] };
    const some = new MemoryStore();
    const made = await engine.dump(dumpRequest(server, 'source', some, { selection }));
    const withoutData = { rows: 0, sourceRows: 0, withoutData: true };
    expect(storedLines(some, made.tables.path)).toContainEqual({
      schema: 'source',
      table: 'content',
      ...withoutData,
    });
    const load = await engine.load(loadRequest(server, 'some', some, made));
    expect(load.differences).toEqual([]);
    expect(load.rows).toBe(dump.tables.rows - 6002);
  });

  it('leaves to the dump program what that does not tell from others', async () => {
    await server.create(
      'alike',
      `CREATE TABLE Content (id int PRIMARY KEY, t text); INSERT INTO Content SELECT seq, REPEAT('x', 100) FROM seq_1_to_3000;
       CREATE TABLE content (id int PRIMARY KEY); INSERT INTO content VALUES (1); CREATE TABLE \`contént\` (id int); INSERT INTO \`contént\` VALUES (1), (2);
       CREATE TABLE other (id int PRIMARY KEY, t text); INSERT INTO other SELECT seq, REPEAT('x', 100) FROM seq_1_to_3000;`,
    );
    await analyze('alike');
    for (let time = 0; time < 4; time += 1) {
      const alike = new MemoryStore();
      const made = await engine.dump(dumpRequest(server, 'alike', alike));
      expect(made.parts.length).toBeGreaterThan(4);
      expect(storedLines(alike, made.tables.path)).toEqual(
        [
          ['Content', 3000],
          ['content', 1],
          ['contént', 2],
          ['other', 3000],
        ].map(([table, rows]) => ({ schema: 'alike', table, rows, sourceRows: rows })),
      );
    }
  });

  it('takes several databases apart and together again', async () => {
    const rows = (name: string) =>
      `CREATE TABLE ${name} (id int PRIMARY KEY, t text); INSERT INTO ${name} SELECT seq, REPEAT('t', 300) FROM seq_1_to_1000;`;
    await server.create(
      'portal',
      `CREATE TABLE Company (companyId bigint PRIMARY KEY, webId varchar(75), mx varchar(75), active_ tinyint);
       INSERT INTO Company VALUES (1, 'one', 'one', 1); ${rows('a')}`,
    );
    await server.create(
      'lpartition_1',
      `CREATE VIEW Company AS SELECT * FROM portal.Company WHERE companyId = 1; ${rows('b')}
       CREATE TRIGGER tr BEFORE INSERT ON b FOR EACH ROW SET NEW.t = 'no'`,
    );
    await analyze('portal');
    await analyze('lpartition_1');
    const both = new MemoryStore();
    const made = await engine.dump(dumpRequest(server, 'portal', both));
    expect(new Set(made.parts.map(({ schema }) => schema))).toEqual(new Set(['portal', 'lpartition_1']));
    const load = await engine.load(loadRequest(server, 'again', both, made));
    expect(load.differences).toEqual([]);
    expect(await server.value('again_lpartition_1', 'SELECT COUNT(*) FROM b WHERE LENGTH(t) = 300')).toBe(
      1000,
    );
  });
});

describe('while others write', () => {
  it('all readers see one moment', async () => {
    const accounts = (name: string) =>
      `CREATE TABLE ${name} (id int PRIMARY KEY, amount int, text text); INSERT INTO ${name} SELECT seq, 100, REPEAT('x', 400) FROM seq_1_to_4000;`;
    await server.create('moving', accounts('a') + accounts('b'));
    await analyze('moving');
    let isDone = false;
    const writer = server.withClient('moving', async (client) => {
      let transfers = 0;
      while (!isDone) {
        const id = 1 + (transfers % 4000);
        await client.query(
          `BEGIN; UPDATE a SET amount = amount - 7 WHERE id = ${id}; UPDATE b SET amount = amount + 7 WHERE id = ${4001 - id};
           INSERT INTO a VALUES (${10_000 + transfers}, 0, REPEAT('y', 300)); COMMIT`,
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
    expect(made.parts.length).toBeGreaterThan(20);
    expect(made.tables.rows).toBe(made.tables.sourceRows);
    const load = await engine.load(loadRequest(server, 'moved', slow, made));
    expect(load.differences).toEqual([]);
    const total = 'SELECT (SELECT SUM(amount) FROM a) + (SELECT SUM(amount) FROM b)';
    expect(Number(await server.value('moved', total))).toBe(800_000);
  });
});
