import { once } from 'node:events';
import { createServer } from 'node:net';
import { LcbError } from '@lcb/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer, type TestServer } from '../testing/test-server.ts';
import { postgresqlEngine } from './postgresql-engine.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
  await server.create('ödd name', 'CREATE SCHEMA b; CREATE TABLE b.t (i int); CREATE TABLE t (i int)');
});
afterAll(() => server?.stop());

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
    const facts = await server.engine.inspect(server.connection('ödd name'));
    expect(facts).toMatchObject({ database: 'ödd name', schemas: ['b', 'public'], tables: 2 });
    expect(facts.bytes).toBeGreaterThan(1_000_000);
  });

  it('says that the password is wrong, without telling it', async () => {
    const inspecting = server.engine.inspect({ ...server.connection('ödd name'), password: 'wr:ong secret' });
    await expect(inspecting).rejects.toMatchObject({ code: 'database.authentication', retryable: false });
    await expect(inspecting).rejects.not.toThrow('wr:ong secret');
  });

  it('says that a password is missing', async () => {
    const inspecting = server.engine.inspect({ ...server.connection('ödd name'), password: undefined });
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
    const { url, password } = server.connection('ödd name');
    const inspecting = server.engine.inspect({ url: `${url}?sslmode=require`, password });
    await expect(inspecting).rejects.toThrow(/does not support SSL/);
  });

  it('passes on that there is no fitting tool', async () => {
    const missing = new LcbError({ code: 'tools.missing', message: 'Install the PostgreSQL client.' });
    const engine = postgresqlEngine({ clientTools: () => Promise.reject(missing) });
    await expect(engine.inspect(server.connection('ödd name'))).rejects.toBe(missing);
  });

  it('refuses tools that are older than the server', async () => {
    const engine = postgresqlEngine({
      clientTools: async () => ({ ...server.tools, version: '12.1', major: 12 }),
    });
    await expect(engine.inspect(server.connection('ödd name'))).rejects.toMatchObject({
      code: 'database.toolTooOld',
    });
  });
});
