import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { OpenConnection } from '@lcb/core';
import {
  chooseServerMajor,
  isServerMajor,
  serverBinaries,
  startServer,
  toolsFor,
} from '@lcb/embedded-postgres';
import pg from 'pg';
import type { FindClientTools } from '../postgresql/client-tools.ts';
import { postgresqlEngine } from '../postgresql/postgresql-engine.ts';

/** A real server for one test file, with tools of its own major. */
export async function startTestServer() {
  const { binaries, tools } = await choosePostgres();
  const dataDir = await mkdtemp(join(tmpdir(), 'lcb-dump-'));
  // Run as root the server has a user of its own, who must get there.
  await chmod(dataDir, 0o711);
  const server = await startServer({ dataDir: join(dataDir, 'data'), binaries, durability: 'throwaway' });
  const clientTools: FindClientTools = async () => tools;
  const admin = new URL(server.url);

  const connection = (database: string): OpenConnection => ({
    url: `postgresql://${admin.username}@${admin.host}/${encodeURIComponent(database)}`,
    password: decodeURIComponent(admin.password),
  });
  const withClient = async <T>(database: string, work: (client: pg.Client) => Promise<T>): Promise<T> => {
    const url = new URL(server.url);
    url.pathname = encodeURIComponent(database);
    const client = new pg.Client({ connectionString: url.href });
    client.on('error', () => {});
    await client.connect();
    try {
      return await work(client);
    } finally {
      await client.end();
    }
  };

  return {
    major: server.major,
    tools,
    engine: postgresqlEngine({ clientTools }),
    connection,
    withClient,
    /** Runs statements in a database. */
    run: (database: string, sql: string) =>
      withClient(database, async (client) => void (await client.query(sql))),
    /** The first column of the first row. */
    value: (database: string, sql: string): Promise<unknown> =>
      withClient(
        database,
        async (client) => (await client.query({ text: sql, rowMode: 'array' })).rows[0]?.[0],
      ),
    /** Creates a database and fills it. */
    create: async (database: string, sql: string) => {
      await withClient('postgres', async (client) => {
        await client.query(`CREATE DATABASE ${pg.escapeIdentifier(database)} TEMPLATE template0`);
      });
      await withClient(database, async (client) => void (await client.query(sql)));
    },
    /** As a crash does. */
    kill: () => server.stop('immediate'),
    stop: async () => {
      await server.stop('immediate');
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

export type TestServer = Awaited<ReturnType<typeof startTestServer>>;

/** A server and tools of one major: of `LCB_TEST_POSTGRES_MAJOR` where that is set. */
async function choosePostgres() {
  const major = Number(process.env.LCB_TEST_POSTGRES_MAJOR);
  if (!isServerMajor(major)) return await chooseServerMajor();
  return { binaries: await serverBinaries(major), tools: await toolsFor(major) };
}
