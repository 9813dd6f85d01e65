import { LcbError } from '@lcb/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MemoryStore } from '../../testing/memory-store.ts';
import { dumpRequest } from '../../testing/requests.ts';
import { runningTools } from '../../testing/running-tools.ts';
import { startTestServer, type TestServer } from '../../testing/test-server.ts';
import { postgresqlEngine } from '../postgresql-engine.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
  // Large enough that no buffer on the way takes it whole, and not to be compressed.
  const rows = `SELECT i, (SELECT string_agg(md5(i::text || j), '') FROM generate_series(1, 32) j) FROM generate_series(1, 12000) i`;
  await server.create('large', `CREATE TABLE image (imageid bigint, type_ text); INSERT INTO image ${rows}`);
});
afterAll(() => server?.stop());

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
  expect(await runningTools('large')).toEqual([]);
  expect(JSON.stringify(error)).not.toContain(request.connection.password);
  expect(error.message).not.toContain(request.connection.password);
  return error;
}

describe('a dump of one stream that fails', () => {
  it.runIf(onLinux)('because the tool was killed says so and leaves nothing', async () => {
    const error = await failingDump(async () => {
      for (const { pid } of await runningTools('large')) process.kill(pid, 'SIGKILL');
    });
    expect(error).toMatchObject({ code: 'database.toolFailed', retryable: true });
    expect(error.message).toContain('SIGKILL');
  });

  it("has the tool's own last lines in its error", async () => {
    const error = await failingDump(async () => {
      const sql = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'pg_dump' AND datname = 'large'`;
      await server.value('postgres', sql);
    });
    expect(error).toMatchObject({ code: 'database.toolFailed', retryable: true });
    expect(error.message).toMatch(/pg_dump: error: .*large|pg_dump: .*image/s);
  });

  it('because the session with the snapshot is gone', async () => {
    const error = await failingDump(async () => {
      const sql = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE application_name = 'liferay-cloud-backup' AND backend_xmin IS NOT NULL AND datname = 'large'`;
      await server.value('postgres', sql);
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

  it('because a table is locked for too long', async () => {
    const impatient = postgresqlEngine({ clientTools: async () => server.tools, lockWait: 200 });
    const store = new MemoryStore();
    await server.withClient('large', async (client) => {
      await client.query('BEGIN; LOCK TABLE image IN ACCESS EXCLUSIVE MODE');
      const dumping = impatient.dump(dumpRequest(server, 'large', store));
      await expect(dumping).rejects.toMatchObject({ code: 'database.lockTimeout', retryable: true });
    });
    expect(store.keys()).toEqual([]);
  });
});

describe('a password', () => {
  it.runIf(onLinux)('is in no command line', async () => {
    const store = new MemoryStore();
    const seen: string[] = [];
    store.onChunk = async () => {
      if (seen.length > 0) return;
      for (const { args, env } of await runningTools('large')) {
        seen.push(args);
        expect(env).toContain(`PGPASSWORD=${server.connection('large').password}`);
      }
    };
    await server.engine.dump(dumpRequest(server, 'large', store, { workers: 1 }));
    expect(seen.join()).toContain('--format=plain');
    expect(seen.join()).not.toContain(server.connection('large').password);
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
