import { type DatabaseDump, IntegrityError, type TargetState } from '@lcb/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MemoryStore } from '../../testing/memory-store.ts';
import { type MysqlServer, startMysqlServer } from '../../testing/mysql-server.ts';
import { dumpRequest, keyOf, loadRequest } from '../../testing/requests.ts';

let server: MysqlServer;
let dump: DatabaseDump;
const store = new MemoryStore();
const runId = 'retail-prd-restore-20251109-150000';
beforeAll(async () => {
  server = await startMysqlServer({ event_scheduler: 'ON' });
  await server.create(
    'source',
    'CREATE TABLE t (i int PRIMARY KEY, x text); INSERT INTO t SELECT seq, MD5(seq) FROM seq_1_to_50000',
    'CHARACTER SET latin1 COLLATE latin1_german1_ci',
  );
  dump = await server.engine.dump(dumpRequest(server, 'source', store));
});
afterAll(() => server?.remove());

const stateOf = (database: string, run = runId): Promise<TargetState> =>
  server.engine.targetState(server.connection(database), run);
const markOf = (database: string) =>
  server.value(
    undefined,
    `SELECT table_comment FROM information_schema.tables WHERE table_schema = '${database}' AND table_name = 'lcb_restore'`,
  );
const rowsIn = async (database: string) => Number(await server.value(database, 'SELECT COUNT(*) FROM t'));

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
      ['CREATE VIEW v AS SELECT 1', 'DROP VIEW v'],
      ['CREATE SEQUENCE s', 'DROP SEQUENCE s'],
      ['CREATE FUNCTION f() RETURNS int RETURN 1', 'DROP FUNCTION f'],
      ['CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO DO 1', 'DROP EVENT e'],
    ] as const) {
      expect(await stateOf('in use')).toBe('empty');
      await server.run('in use', create);
      expect(await stateOf('in use')).toBe('occupied');
      const loading = server.engine.load(loadRequest(server, 'in use', store, dump));
      await expect(loading).rejects.toMatchObject({ code: 'database.targetOccupied', retryable: false });
      await server.engine.dropTarget(server.connection('in use'), runId);
      await server.run('in use', drop);
    }
    expect(await markOf('in use')).toBeUndefined();
  });

  it('may be an empty database, and gets character set and collation of the source', async () => {
    await server.create('empty', 'SELECT 1', 'CHARACTER SET utf8mb4');
    expect(await stateOf('empty')).toBe('empty');
    const load = await server.engine.load(loadRequest(server, 'empty', store, dump));
    expect(load).toMatchObject({ tables: 1, rows: 50_000, differences: [] });
    const collation = `SELECT default_collation_name FROM information_schema.schemata WHERE schema_name = 'empty'`;
    expect(await server.value(undefined, collation)).toBe('latin1_german1_ci');
  });

  it('is never a database of the server', async () => {
    const loading = server.engine.load(loadRequest(server, 'mysql', store, dump));
    await expect(loading).rejects.toMatchObject({ code: 'request.invalid' });
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
    expect(await markOf('new')).toContain(`lcb restore ${runId} loaded `);
    await server.engine.dropTarget(server.connection('new'), 'another-run');
    expect(await stateOf('new')).toBe('ownedByRun');
    await server.engine.dropTarget(server.connection('new'), runId);
    expect(await stateOf('new')).toBe('absent');
    await server.engine.dropTarget(server.connection('new'), runId);
  });

  it('is left as it is when it was loaded completely, whatever its events did since', async () => {
    const first = await server.engine.load(loadRequest(server, 'twice', store, dump));
    await server.run('twice', 'DELETE FROM t WHERE i = 1');
    expect(await server.engine.load(loadRequest(server, 'twice', store, dump))).toEqual(first);
    expect(await rowsIn('twice')).toBe(49_999);
  });

  it('is made anew when an earlier try was not complete', async () => {
    await server.create(
      'half',
      `CREATE TABLE t (i int); CREATE VIEW rest AS SELECT * FROM t;
       CREATE TABLE lcb_restore (nothing int) COMMENT = 'lcb restore ${runId}'`,
    );
    const load = await server.engine.load(loadRequest(server, 'half', store, dump));
    expect(load).toMatchObject({ tables: 1, rows: 50_000, differences: [] });
    expect(await server.asText('half')).toBe(await server.asText('source'));
  });

  it('may be what is there, of which nothing is left', async () => {
    await server.create(
      'inplace',
      `CREATE TABLE t (i int); CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE c (p int, FOREIGN KEY (p) REFERENCES p (id));
       CREATE VIEW v AS SELECT * FROM t; CREATE SEQUENCE s; CREATE PROCEDURE r() SELECT 1; CREATE FUNCTION f() RETURNS int RETURN 1;
       CREATE EVENT e ON SCHEDULE EVERY 1 SECOND DO INSERT INTO t VALUES (1)`,
    );
    const load = await server.engine.load(
      loadRequest(server, 'inplace', store, dump, { replaceExisting: true }),
    );
    expect(load).toMatchObject({ tables: 1, rows: 50_000, sequences: 0, differences: [] });
    expect(await server.asText('inplace')).toBe(await server.asText('source'));
  });

  it('is no other database than the one that is named: a trigger writes into the copy', async () => {
    await server.create(
      'origin',
      `CREATE TABLE t (i int); CREATE TABLE log (i int);
       CREATE TRIGGER logged AFTER INSERT ON t FOR EACH ROW INSERT INTO origin.log VALUES (NEW.i);`,
    );
    const other = new MemoryStore();
    const made = await server.engine.dump(dumpRequest(server, 'origin', other));
    await server.engine.load(loadRequest(server, 'the copy', other, made));
    await server.run('the copy', 'INSERT INTO t VALUES (7)');
    expect(Number(await server.value('the copy', 'SELECT COUNT(*) FROM log'))).toBe(1);
    expect(Number(await server.value('origin', 'SELECT COUNT(*) FROM log'))).toBe(0);
  });

  it('has its events last: none fires before all was counted', async () => {
    await server.create(
      'eventful',
      `CREATE TABLE t (i int);
       CREATE EVENT e ON SCHEDULE EVERY 1 SECOND ON COMPLETION PRESERVE DO INSERT INTO t VALUES (1);
       ALTER EVENT e DISABLE; DELETE FROM t; ALTER EVENT e ENABLE`,
    );
    const other = new MemoryStore();
    const made = await server.engine.dump(dumpRequest(server, 'eventful', other));
    expect(made.parts.map(({ events }) => events)).toEqual([undefined, true]);
    const load = await server.engine.load(loadRequest(server, 'eventful copy', other, made));
    expect(load).toMatchObject({ rows: made.tables.rows, differences: [] });
    const status = `SELECT status FROM information_schema.events WHERE event_schema = 'eventful copy'`;
    expect(await server.value(undefined, status)).toBe('ENABLED');
    expect(
      await server.value(
        undefined,
        `SELECT definer FROM information_schema.events WHERE event_schema = 'eventful copy'`,
      ),
    ).toBe('admin@%');
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
    expect(await markOf(database)).toBe(`lcb restore ${runId}`);
  });

  it('because the list of tables is damaged, does nothing', async () => {
    const damaged = await copyOfStore();
    damaged.damage(keyOf(dump.tables.path), (bytes) => bytes.subarray(1));
    await expect(server.engine.load(loadRequest(server, 'untouched', damaged, dump))).rejects.toThrow(
      IntegrityError,
    );
    expect(await stateOf('untouched')).toBe('absent');
  });

  it.each([
    ['the server is older', { serverVersion: '99.1.0-MariaDB' }, 'database.serverTooOld'],
    [
      'the collation is unknown',
      { locale: { provider: 'mysql', characterSet: 'utf8mb4', collation: 'utf8mb4_0900_ai_ci' } },
      'database.localeMissing',
    ],
    [
      'the dump is of PostgreSQL',
      {
        engine: 'postgresql',
        locale: { provider: 'libc', encoding: 'UTF8', collate: 'C', characterType: 'C' },
      },
      'request.invalid',
    ],
  ] as const)('because %s, does nothing', async (_, change, code) => {
    const request = loadRequest(server, 'not made', store, { ...dump, ...change });
    await expect(server.engine.load(request)).rejects.toMatchObject({ code, retryable: false });
    expect(await stateOf('not made')).toBe('absent');
  });

  it('because the user may not create a database', async () => {
    await server.run(
      undefined,
      `CREATE USER limited IDENTIFIED BY 'limited-secret'; GRANT SELECT ON source.* TO limited`,
    );
    const connection = server.connection('forbidden', 'limited', 'limited-secret');
    const loading = server.engine.load(loadRequest(server, 'forbidden', store, dump, { connection }));
    await expect(loading).rejects.toMatchObject({ code: 'database.permission', retryable: false });
  });

  it('because a statement fails has the line and the message, and no rows', async () => {
    await server.run(
      undefined,
      `CREATE USER narrow IDENTIFIED BY 'narrow-secret'; GRANT CREATE, ALTER, DROP, SELECT ON narrow.* TO narrow`,
    );
    const connection = server.connection('narrow', 'narrow', 'narrow-secret');
    const loading = server.engine.load(loadRequest(server, 'narrow', store, dump, { connection }));
    await expect(loading).rejects.toMatchObject({ code: 'database.toolFailed', retryable: false });
    await expect(loading).rejects.toThrow(/ERROR 1142 \(42000\) at line \d+: INSERT command denied/);
    // MD5 of 1, which is in the first row.
    await expect(loading).rejects.not.toThrow('c4ca4238a0b923820dcc509a6f75849b');
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
    const request = loadRequest(server, 'differing', store, dump);
    const lying = await copyOfStore();
    const smaller = new MemoryStore();
    await server.create(
      'smaller',
      'CREATE TABLE t (i int PRIMARY KEY, x text); CREATE TABLE more (i int); INSERT INTO more VALUES (1)',
    );
    const other = await server.engine.dump(dumpRequest(server, 'smaller', smaller));
    for (const part of other.parts) {
      const key = keyOf(part.path);
      await lying.deleteMany([{ key }]);
      await lying.put(key, smaller.bytes(key));
    }
    const load = await server.engine.load({
      ...request,
      store: lying,
      dump: { ...dump, parts: other.parts.map((part) => ({ ...part, schema: 'source' })) },
    });
    expect(load.differences).toEqual([
      { schema: 'source', table: 'more', expected: 0, found: 1 },
      { schema: 'source', table: 't', expected: 50_000, found: 0 },
    ]);
    expect(await markOf('differing')).toBe(`lcb restore ${runId}`);
  });
});

describe('a server that writes a binary log', () => {
  it('and does not trust who creates functions says so, with what to set', async () => {
    const logging = await startMysqlServer({ log_bin: 'binlog' });
    try {
      await logging.create(
        'source',
        'CREATE TABLE t (i int); CREATE TRIGGER r BEFORE INSERT ON t FOR EACH ROW SET NEW.i = 1',
      );
      await logging.run(
        undefined,
        "CREATE USER limited IDENTIFIED BY 'limited-secret'; GRANT ALL ON copy.* TO limited",
      );
      const own = new MemoryStore();
      const made = await logging.engine.dump(dumpRequest(logging, 'source', own));
      const connection = logging.connection('copy', 'limited', 'limited-secret');
      const loading = logging.engine.load(loadRequest(logging, 'copy', own, made, { connection }));
      await expect(loading).rejects.toMatchObject({ code: 'database.functionsNotTrusted', retryable: false });
      await logging.run(undefined, 'SET GLOBAL log_bin_trust_function_creators = 1');
      const load = await logging.engine.load(loadRequest(logging, 'copy', own, made, { connection }));
      expect(load).toMatchObject({ tables: 1, differences: [] });
    } finally {
      await logging.remove();
    }
  });
});
