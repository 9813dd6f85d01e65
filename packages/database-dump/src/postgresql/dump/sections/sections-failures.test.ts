import { LcbError } from '@lcb/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MemoryStore } from '../../../testing/memory-store.ts';
import { dumpRequest } from '../../../testing/requests.ts';
import { runningTools } from '../../../testing/running-tools.ts';
import { startTestServer, type TestServer } from '../../../testing/test-server.ts';
import { postgresqlEngine } from '../../postgresql-engine.ts';

let server: TestServer;
let engine: ReturnType<typeof postgresqlEngine>;
beforeAll(async () => {
  server = await startTestServer();
  engine = postgresqlEngine({
    clientTools: async () => server.tools,
    workers: 3,
    sizes: { bigTable: 4 * 1024 * 1024, part: 4 * 1024 * 1024 },
    lockWait: 2000,
  });
  const rows = (count: number) =>
    `SELECT i, (SELECT string_agg(md5(i::text || j), '') FROM generate_series(1, 32) j) FROM generate_series(1, ${count}) i`;
  await server.create(
    'large',
    `CREATE TABLE content (imageid bigint, type_ text); INSERT INTO content ${rows(12_000)};
     CREATE TABLE small (imageid bigint, type_ text); INSERT INTO small ${rows(1500)};`,
  );
});
afterAll(() => server?.stop());

const onLinux = process.platform === 'linux';
const READER = `datname = 'large' AND application_name = 'liferay-cloud-backup' AND query LIKE 'COPY%'`;
const EXPORTING = `datname = 'large' AND application_name = 'liferay-cloud-backup' AND query NOT LIKE 'COPY%' AND backend_xmin IS NOT NULL`;
const terminate = (who: string) => async () =>
  void (await server.value(
    'postgres',
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE ${who}`,
  ));

interface Moment {
  /** Part of the name of an object. */
  readonly of: string;
  readonly after: number;
}
const inRows: Moment = { of: 'dump-data-0', after: 200_000 };

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
  expect(await runningTools('large')).toEqual([]);
  const sessions = `SELECT count(*)::int FROM pg_stat_activity WHERE datname = 'large' AND backend_type = 'client backend'`;
  await expect.poll(() => server.value('postgres', sessions), { timeout: 15_000 }).toBe(0);
  return error;
}

describe('a dump by several readers fails', () => {
  it.each(['dump-data.', 'dump-pre-data', 'dump-post-data', 'dump-data-00001', 'dump-data-00003'])(
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
    const error = await failingDump(terminate(READER));
    expect(error).toMatchObject({ code: 'database.connectionLost', retryable: true });
  });

  it.runIf(onLinux)('because pg_dump was killed', async () => {
    const moment = { of: 'dump-data.', after: 10_000 };
    const error = await failingDump(
      async () => {
        for (const { pid, args } of await runningTools('large'))
          if (args.includes('--section=data')) process.kill(pid, 'SIGKILL');
      },
      { moment },
    );
    expect(error).toMatchObject({ code: 'database.toolFailed', retryable: true });
    expect(error.message).toContain('SIGKILL');
  });

  it.each([
    inRows,
    { of: 'dump-data.', after: 0 },
    { of: 'dump-pre-data', after: 0 },
    { of: 'dump-data-00001', after: 0 },
  ])('because the exporting session is lost, at $of', async (moment) => {
    const error = await failingDump(terminate(EXPORTING), { moment });
    expect(error.retryable).toBe(true);
    expect(error.code).toBe('database.connectionLost');
  });

  it('because it was cancelled', async () => {
    const controller = new AbortController();
    const error = await failingDump(() => controller.abort(), { signal: controller.signal });
    expect(error).toMatchObject({ code: 'run.cancelled' });
  });

  it.each([
    'CREATE TABLE added (id int)',
    'CREATE INDEX ON small (imageid)',
    'CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE sql AS $$SELECT 1$$',
  ])('because of %s', async (sql) => {
    const error = await failingDump(() => server.run('large', sql));
    expect(error).toMatchObject({ code: 'database.definitionChanged', retryable: true });
  });

  it('because somebody waits to change a table that is read', async () => {
    await server.withClient('large', async (client) => {
      const store = new MemoryStore();
      let altering: Promise<unknown> | undefined;
      store.onChunk = async (key) => {
        if (altering || !key.includes('dump-data-00001')) return;
        altering = client.query('ALTER TABLE content ADD more int');
        const waiting = `SELECT count(*)::int FROM pg_locks WHERE NOT granted AND relation = 'content'::regclass`;
        await expect.poll(() => server.value('large', waiting), { timeout: 5000 }).toBe(1);
      };
      const dumping = engine.dump(dumpRequest(server, 'large', store));
      await expect(dumping).rejects.toMatchObject({ code: 'database.definitionChanged', retryable: true });
      expect(store.keys()).toEqual([]);
      // He is let in at once.
      await altering;
    });
  });

  it('and succeeds when nothing is wrong', async () => {
    const store = new MemoryStore();
    const dump = await engine.dump(dumpRequest(server, 'large', store));
    expect(dump.parts.length).toBeGreaterThan(5);
    expect(dump.tables.rows).toBe(13_500);
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
    await expect(dumping).rejects.toMatchObject({ retryable: true });
    expect(store.keys()).toEqual([]);
  });
});
