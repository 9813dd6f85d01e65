import { type DatabaseDump, LcbError } from '@lcb/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bigDatabase } from '../../../testing/big-database.ts';
import { MemoryStore } from '../../../testing/memory-store.ts';
import { dumpRequest, loadRequest } from '../../../testing/requests.ts';
import { runningTools } from '../../../testing/running-tools.ts';
import { startTestServer, type TestServer } from '../../../testing/test-server.ts';
import { postgresqlEngine } from '../../postgresql-engine.ts';

let server: TestServer;
let engine: ReturnType<typeof postgresqlEngine>;
const store = new MemoryStore();
let dump: DatabaseDump;
beforeAll(async () => {
  server = await startTestServer();
  const sizes = { bigTable: 64 * 1024, part: 256 * 1024 };
  engine = postgresqlEngine({ clientTools: async () => server.tools, workers: 3, sizes });
  await server.create('source', bigDatabase);
  dump = await engine.dump(dumpRequest(server, 'source', store));
}, 120_000);
afterAll(() => server?.stop());

/** Does something once a part is asked for, ends badly, and then well. */
async function failingLoad(
  database: string,
  part: string,
  meanwhile: () => unknown,
  signal = new AbortController().signal,
) {
  const get = store.get.bind(store);
  let done = false;
  store.get = async (key, options) => {
    const found = await get(key, options);
    if (done || !key.includes(part)) return found;
    done = true;
    await meanwhile();
    return found;
  };
  const error: unknown = await engine.load(loadRequest(server, database, store, dump, { signal })).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  store.get = get;
  expect(done).toBe(true);
  if (!LcbError.isInstance(error)) throw new Error(`No LcbError but ${String(error)}`, { cause: error });
  expect(await runningTools(database)).toEqual([]);
  const again = await engine.load(loadRequest(server, database, store, dump));
  expect(again).toMatchObject({ differences: [], rows: dump.tables.rows });
  return error;
}

/** Has the sessions wait that load rows of the largest table, and ends those. */
const terminate = (database: string) => async () => {
  const ended = `SELECT count(pg_terminate_backend(pid))::int FROM pg_stat_activity
    WHERE datname = '${database}' AND query LIKE 'COPY%' AND wait_event_type = 'Lock'`;
  await server.withClient(database, async (client) => {
    await client.query('BEGIN; LOCK TABLE content IN ACCESS EXCLUSIVE MODE');
    await expect.poll(() => server.value('postgres', ended), { timeout: 10_000 }).toBeGreaterThan(0);
  });
};

describe('a load by several sessions fails, and is done again', () => {
  it('because a session with rows was lost', async () => {
    const error = await failingLoad('rows_lost', 'dump-data-0', terminate('rows_lost'));
    expect(error).toMatchObject({ code: 'database.connectionLost', retryable: true });
  });

  it('because it was cancelled among the rows', async () => {
    const controller = new AbortController();
    const cancel = () => controller.abort();
    const error = await failingLoad('cancelled', 'dump-data-00003', cancel, controller.signal);
    expect(error).toMatchObject({ code: 'run.cancelled' });
  });

  it('because it was cancelled before keys and indexes', async () => {
    const controller = new AbortController();
    const cancel = () => controller.abort();
    const error = await failingLoad('late', 'dump-post-data', cancel, controller.signal);
    expect(error).toMatchObject({ code: 'run.cancelled' });
  });

  it('because the store has lost a part', async () => {
    const gone = new LcbError({ code: 'objectStore.unavailable', message: 'Not now.', retryable: true });
    const error = await failingLoad('without_store', 'dump-data-00004', () => {
      throw gone;
    });
    expect(error).toBe(gone);
  });
});
