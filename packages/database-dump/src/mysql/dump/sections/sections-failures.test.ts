import { LcbError } from '@lcb/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MemoryStore } from '../../../testing/memory-store.ts';
import { type MysqlServer, startMysqlServer } from '../../../testing/mysql-server.ts';
import { dumpRequest } from '../../../testing/requests.ts';
import { runningDumps } from '../../../testing/running-tools.ts';
import { mysqlEngine } from '../../mysql-engine.ts';

let server: MysqlServer;
const sizes = { bigTable: 4 * 1024 * 1024, part: 64 * 1024 * 1024 };
const engine = mysqlEngine({ workers: 3, sizes });
beforeAll(async () => {
  server = await startMysqlServer();
  const rows = (count: number) =>
    `SELECT seq, (SELECT GROUP_CONCAT(SHA2(CONCAT(s.seq, '/', j.seq), 512) SEPARATOR '') FROM seq_1_to_8 j) FROM seq_1_to_${count} s`;
  await server.create(
    'large',
    `CREATE TABLE content (imageid bigint PRIMARY KEY, type_ text); INSERT INTO content ${rows(20_000)}; ANALYZE TABLE content;
     CREATE TABLE other (imageid bigint PRIMARY KEY, type_ text); INSERT INTO other ${rows(6000)}; ANALYZE TABLE other;
     CREATE TABLE small (imageid bigint, type_ text); INSERT INTO small ${rows(1500)}; ANALYZE TABLE small;`,
  );
});
afterAll(() => server?.remove());

const onLinux = process.platform === 'linux';
const READER = "info LIKE 'SELECT `imageid`%'";
/** The session that counts is idle, or counts, or reads library rows. */
const COUNTING = "info IS NULL OR info LIKE '%COUNT(*)%'";
function assertGone(error: unknown): void {
  expect(error).toMatchObject({ code: 'ER_NO_SUCH_THREAD' });
}
const kill = (who: string) => () =>
  server.withClient(undefined, async (client) => {
    const [rows] = await client.query(
      `SELECT id FROM information_schema.processlist WHERE db = 'large' AND id <> CONNECTION_ID() AND (${who})`,
    );
    // One that has just ended by itself is as good.
    for (const row of Array.isArray(rows) ? rows : [])
      if ('id' in row) await client.query(`KILL ${Number(row.id)}`).catch(assertGone);
  });

interface Moment {
  /** Part of the name of an object. */
  readonly of: string;
  readonly after: number;
}
/** Of the largest table, which no buffer on the way takes whole. */
const inRows: Moment = { of: 'dump-rows-0001', after: 200_000 };

/** Starts a dump, and does something once the store has got a part of it. Every one of these ends badly. */
async function failingDump(
  meanwhile: (key: string) => unknown,
  {
    moment = inRows,
    signal = new AbortController().signal,
  }: { readonly moment?: Moment; readonly signal?: AbortSignal } = {},
) {
  const store = new MemoryStore();
  let done = false;
  store.onChunk = async (key, before) => {
    if (done || before < moment.after || !key.includes(moment.of)) return;
    done = true;
    await meanwhile(key);
  };
  const error: unknown = await engine.dump(dumpRequest(server, 'large', store, { signal })).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!LcbError.isInstance(error)) throw new Error(`No LcbError but ${String(error)}`, { cause: error });
  expect(done).toBe(true);
  expect(store.keys()).toEqual([]);
  expect(await runningDumps()).toEqual([]);
  const sessions = `SELECT COUNT(*) FROM information_schema.processlist WHERE db = 'large'`;
  await expect.poll(() => server.value(undefined, sessions), { timeout: 15_000 }).toBe(0);
  return error;
}

describe('a dump by several readers fails', () => {
  it.each(['dump-data.', 'dump-pre-data', 'dump-post-data', 'dump-rows-0001', 'dump-rows-0002'])(
    'because the store does not take %s',
    async (of) => {
      const full = new LcbError({ code: 'objectStore.full', message: 'No space is left.' });
      const error = await failingDump(
        () => {
          throw full;
        },
        { moment: { of, after: 0 } },
      );
      expect(error).toBe(full);
    },
  );

  it('because a reader is lost', async () => {
    const error = await failingDump(kill(READER));
    expect(error).toMatchObject({ code: 'database.connectionLost', retryable: true });
  });

  it.runIf(onLinux)('because the dump program was killed', async () => {
    const moment = { of: 'dump-data.', after: 10_000 };
    const error = await failingDump(
      async () => {
        for (const { pid, args } of await runningDumps())
          if (args.includes('--no-create-info')) process.kill(pid, 'SIGKILL');
      },
      { moment },
    );
    expect(error).toMatchObject({ code: 'database.toolFailed', retryable: true });
    expect(error.message).toContain('SIGKILL');
  });

  it.each([inRows, { of: 'dump-data.', after: 0 }, { of: 'dump-rows-0002', after: 0 }])(
    'because all sessions are lost, at $of',
    async (moment) => {
      const error = await failingDump(kill(`${COUNTING} OR ${READER}`), { moment });
      expect(`${error.retryable} ${error.code} ${error.message}`).toMatch(
        /^true database\.(?:connectionLost|toolFailed) /,
      );
    },
  );

  it('because it was cancelled', async () => {
    const controller = new AbortController();
    const error = await failingDump(() => controller.abort(), { signal: controller.signal });
    expect(error).toMatchObject({ code: 'run.cancelled' });
  });

  it.each([
    'CREATE TABLE added (id int)',
    'CREATE INDEX small_id ON small (imageid)',
    'CREATE OR REPLACE FUNCTION f() RETURNS int RETURN 1',
  ])('because of %s', async (sql) => {
    const error = await failingDump(() => server.run('large', sql));
    expect(error).toMatchObject({ code: 'database.definitionChanged', retryable: true });
  });

  it.each(['INSTANT', 'COPY'])(
    'because a table that is read is altered (%s), which waits for a part only',
    async (algorithm) => {
      const sql = `ALTER TABLE content ADD c_${algorithm} int, ALGORITHM = ${algorithm}`;
      let altering: Promise<void> | undefined;
      const error = await failingDump(async () => {
        altering = server.run('large', sql);
        const waiting =
          "SELECT COUNT(*) FROM information_schema.processlist WHERE state LIKE 'Waiting for table metadata%'";
        await expect.poll(() => server.value(undefined, waiting), { timeout: 5000 }).toBeGreaterThan(0);
      });
      expect(error).toMatchObject({ code: 'database.definitionChanged', retryable: true });
      await altering;
    },
  );

  it.each([
    'ALTER TABLE other DROP COLUMN type_',
    'ALTER TABLE other RENAME COLUMN type_ TO type',
    'ALTER TABLE other DROP PRIMARY KEY',
    'DROP TABLE other',
    'RENAME TABLE other TO another',
    'RENAME TABLE other TO another; CREATE VIEW other AS SELECT * FROM another',
    'TRUNCATE TABLE other',
  ])('because of %s before its rows are read', async (sql) => {
    await server.run(
      undefined,
      `DROP DATABASE IF EXISTS altered; CREATE DATABASE altered; CREATE TABLE altered.first SELECT * FROM large.content LIMIT 6000;
       CREATE TABLE altered.other (imageid bigint PRIMARY KEY, type_ text); INSERT INTO altered.other SELECT * FROM large.other LIMIT 5000;
       ANALYZE TABLE altered.first, altered.other`,
    );
    const one = mysqlEngine({ workers: 2, sizes: { bigTable: 0, part: 2 ** 30 } });
    const store = new MemoryStore();
    let altering: Promise<void> | undefined;
    store.onChunk = async (key) => {
      // The first and the rest are being read; the other waits for its turn.
      if (key.includes('dump-data.')) altering ??= server.run('altered', sql);
      await altering;
    };
    const error: unknown = await one
      .dump(dumpRequest(server, 'altered', store))
      .catch((thrown: unknown) => thrown);
    // The dump program, which reads the definitions meanwhile, may be the first to miss the table.
    expect(error).toMatchObject({
      code: expect.stringMatching(/^database\.(?:definitionChanged|toolFailed)$/),
      retryable: true,
    });
    expect(store.keys()).toEqual([]);
  });

  it('because a column came while it was planned', async () => {
    await server.create(
      'planned',
      `CREATE TABLE big (id int PRIMARY KEY, t text); INSERT INTO big SELECT seq, REPEAT('x', 100) FROM seq_1_to_20000; ANALYZE TABLE big;
       CREATE TABLE small (id int PRIMARY KEY, v int); INSERT INTO small SELECT seq, seq FROM seq_1_to_300; ANALYZE TABLE small;`,
    );
    const many = mysqlEngine({ workers: 2, sizes: { bigTable: 0, part: 4096 } });
    const dumping = many.dump(dumpRequest(server, 'planned', new MemoryStore())).then(
      () => undefined,
      (error: unknown) => error,
    );
    await server.withClient('planned', async (client) => {
      const planning = "SELECT COUNT(*) AS n FROM information_schema.processlist WHERE info LIKE 'EXPLAIN%'";
      for (let isPlanning = false; !isPlanning; ) {
        const [rows] = await client.query(planning);
        const [row] = Array.isArray(rows) ? rows : [];
        isPlanning = row !== undefined && 'n' in row && Number(row.n) > 0;
      }
      await client.query('ALTER TABLE small ADD extra int NOT NULL DEFAULT 0; UPDATE small SET extra = id');
    });
    expect(await dumping).toMatchObject({ code: 'database.definitionChanged', retryable: true });
  });

  it('and succeeds when nothing is wrong', async () => {
    const store = new MemoryStore();
    const dump = await engine.dump(dumpRequest(server, 'large', store));
    expect(dump.parts).toHaveLength(5);
    expect(dump.tables.rows).toBe(27_500);
  });
});

describe('a server that crashes', () => {
  // The last one: it takes the server with it.
  it('fails the dump so that it can be tried again', async () => {
    const store = new MemoryStore();
    store.onChunk = async (key, before) => {
      if (key.includes(inRows.of) && before > 0) await server.kill();
    };
    const dumping = engine.dump(dumpRequest(server, 'large', store));
    const error: unknown = await dumping.catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ retryable: true });
    expect(store.keys()).toEqual([]);
  });
});
