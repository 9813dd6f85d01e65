import { LcbError } from '@lcb/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MemoryStore } from '../../testing/memory-store.ts';
import { type MysqlServer, startMysqlServer } from '../../testing/mysql-server.ts';
import { dumpRequest } from '../../testing/requests.ts';
import { runningDumps } from '../../testing/running-tools.ts';

let server: MysqlServer;
beforeAll(async () => {
  server = await startMysqlServer();
  // Large enough that no buffer on the way takes it whole, and not to be compressed.
  const rows = `SELECT seq, (SELECT GROUP_CONCAT(SHA2(CONCAT(s.seq, '/', j.seq), 512) SEPARATOR '') FROM seq_1_to_8 j) FROM seq_1_to_12000 s`;
  await server.create('large', `CREATE TABLE Image (imageId bigint, type_ text); INSERT INTO Image ${rows}`);
});
afterAll(() => server?.remove());

/** Processes are looked at in /proc. */
const onLinux = process.platform === 'linux';

/** Starts a dump, and does something once the store has got a part of it. Every one of these ends badly. */
async function failingDump(
  meanwhile: () => void | Promise<void>,
  changes: Parameters<typeof dumpRequest>[3] = {},
) {
  const store = new MemoryStore();
  let done = false;
  store.onChunk = async (key, before) => {
    if (done || before < 500_000 || !key.includes('dump.sql')) return;
    done = true;
    await meanwhile();
  };
  const request = dumpRequest(server, 'large', store, { workers: 1, ...changes });
  const error: unknown = await server.engine.dump(request).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!LcbError.isInstance(error)) throw new Error(`No LcbError but ${String(error)}`, { cause: error });
  expect(done).toBe(true);
  expect(store.keys()).toEqual([]);
  expect(await runningDumps()).toEqual([]);
  expect(JSON.stringify(error)).not.toContain(request.connection.password);
  expect(error.message).not.toContain(request.connection.password);
  return error;
}

/** Ends connections to the server, told apart by the program that made them. */
async function killConnections(ofTool: boolean) {
  const condition = ofTool
    ? "info LIKE '%SQL_NO_CACHE%'"
    : "info IS NULL OR info LIKE '%COUNT(*)%' OR info LIKE '%ORDER BY CAST%'";
  await server.withClient(undefined, async (client) => {
    const [rows] = await client.query(
      `SELECT id FROM information_schema.processlist WHERE db = 'large' AND id <> CONNECTION_ID() AND (${condition})`,
    );
    for (const row of Array.isArray(rows) ? rows : []) {
      if ('id' in row) await client.query(`KILL ${Number(row.id)}`);
    }
  });
}

describe('a dump that fails', () => {
  it.runIf(onLinux)('because the tool was killed says so and leaves nothing', async () => {
    const error = await failingDump(async () => {
      for (const { pid } of await runningDumps()) process.kill(pid, 'SIGKILL');
    });
    expect(error).toMatchObject({ code: 'database.toolFailed', retryable: true });
    expect(error.message).toContain('SIGKILL');
  });

  it("has the tool's own last lines in its error", async () => {
    const error = await failingDump(() => killConnections(true));
    expect(error).toMatchObject({ code: 'database.toolFailed', retryable: true });
    expect(error.message).toMatch(/Error \d+: .*Image/);
  });

  it('because the session with the counts is gone', async () => {
    // Counting comes to this table and waits, so that the session is there for sure when the first part is stored.
    const error = await server.withClient(undefined, async (client) => {
      await client.query('CREATE TABLE large.Zlocked (id bigint)');
      await client.query('LOCK TABLES large.Zlocked WRITE');
      const thrown = await failingDump(() => killConnections(false));
      await client.query('DROP TABLE large.Zlocked');
      return thrown;
    });
    expect(error).toMatchObject({ code: 'database.connectionLost', retryable: true });
  });

  it('because the store does not take it', async () => {
    const full = new LcbError({ code: 'objectStore.full', message: 'No space is left.' });
    const error = await failingDump(() => {
      throw full;
    });
    expect(error).toBe(full);
  });

  it('because it was cancelled', async () => {
    const controller = new AbortController();
    const error = await failingDump(() => controller.abort(), { signal: controller.signal });
    expect(error).toMatchObject({ code: 'run.cancelled' });
  });

  it('because the library rows could not be stored, when the dump was already there', async () => {
    const store = new MemoryStore();
    const dumpKey = () => store.keys().find((key) => key.includes('dump.sql'));
    let wake = () => {};
    const stored = new Promise<void>((resolve) => {
      wake = resolve;
    });
    const put = store.put.bind(store);
    store.put = async (key, body, options) => {
      if (!key.includes('library-rows')) return await put(key, body, options).finally(wake);
      await stored;
      expect(dumpKey()).toBeDefined();
      throw new LcbError({ code: 'objectStore.denied', message: 'Writing is not allowed.' });
    };
    const dumping = server.engine.dump(dumpRequest(server, 'large', store, { workers: 1 }));
    await expect(dumping).rejects.toMatchObject({ code: 'objectStore.denied' });
    expect(store.keys()).toEqual([]);
  });

  it('because a table is gone that was there before', async () => {
    await server.create('gone', 'CREATE TABLE a (i int); CREATE TABLE b (i int) ; CREATE TABLE c (i int)');
    const store = new MemoryStore();
    const broken = { ...dumpRequest(server, 'gone', store) };
    const dropping = await server.withClient('gone', async (client) => {
      // The dump program waits for b, while c is dropped.
      await client.query('LOCK TABLES b WRITE, c WRITE');
      const dumping = server.engine.dump(broken);
      const outcome = dumping.then(
        () => undefined,
        (error: unknown) => error,
      );
      let waits = false;
      while (!waits) {
        waits =
          Number(
            await server.value(
              undefined,
              "SELECT COUNT(*) FROM information_schema.processlist WHERE db = 'gone' AND state LIKE 'Waiting for table%'",
            ),
          ) > 0;
      }
      await client.query('DROP TABLE c; UNLOCK TABLES');
      return await outcome;
    });
    expect(dropping).toMatchObject({ retryable: true });
    expect(store.keys()).toEqual([]);
  });
});

describe('a password', () => {
  it.runIf(onLinux)('is in no command line', async () => {
    const store = new MemoryStore();
    const seen: string[] = [];
    store.onChunk = async () => {
      if (seen.length > 0) return;
      for (const { args, env } of await runningDumps()) {
        seen.push(args);
        expect(env).toContain(`MYSQL_PWD=${server.password}`);
      }
    };
    await server.engine.dump(dumpRequest(server, 'large', store, { workers: 1 }));
    expect(seen.join()).toContain('--single-transaction');
    expect(seen.join()).not.toContain(server.password);
  });
});

describe('a server that crashes', () => {
  // The last one: it takes the server with it.
  it('fails the dump so that it can be tried again', async () => {
    const error = await failingDump(() => server.kill());
    expect(error.retryable).toBe(true);
    expect(['database.connectionLost', 'database.toolFailed']).toContain(error.code);
  });
});
