import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestServer, type TestServer } from '../../testing/test-server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server?.stop());

const names = () =>
  server.value(
    'postgres',
    `SELECT string_agg(datname, ',' ORDER BY datname) FROM pg_database WHERE datname LIKE 'swap%'`,
  );
const rename = (renames: readonly { from: string; to: string }[]) =>
  server.engine.renameDatabases?.(server.connection('postgres'), renames);
const forward = [
  { from: 'swap', to: 'swap old' },
  { from: 'swap new', to: 'swap' },
];

it('lets two databases change places, whoever is connected; repeated, it does nothing', async () => {
  await server.create('swap', 'CREATE TABLE t AS SELECT 1 AS which');
  await server.create('swap new', 'CREATE TABLE t AS SELECT 2 AS which');
  await server.withClient('swap', () => rename(forward) ?? Promise.reject(new Error('no renames')));
  expect(await names()).toBe('swap,swap old');
  expect(await server.value('swap', 'SELECT which FROM t')).toBe(2);
  await rename(forward);
  expect(await server.value('swap', 'SELECT which FROM t')).toBe(2);

  // And back again.
  await rename([
    { from: 'swap', to: 'swap new' },
    { from: 'swap old', to: 'swap' },
  ]);
  expect(await server.value('swap', 'SELECT which FROM t')).toBe(1);
});

it('changes nothing where one of the names is taken', async () => {
  await server.create('swap old', 'SELECT 1');
  await expect(rename(forward)).rejects.toThrow(/already exists/);
  expect(await names()).toBe('swap,swap new,swap old');
  expect(await server.value('swap', 'SELECT which FROM t')).toBe(1);
});
