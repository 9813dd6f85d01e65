import { join } from 'node:path';
import { LcbError, type Secrets } from '@lcb/core';
import { serverBinaries, startServer } from '@lcb/embedded-postgres';
import pg from 'pg';
import type { LocalSettings } from './settings.ts';

const database = 'lcb_catalog';

/** The catalog's database, and what to do when this process needs it no more. */
export interface CatalogServer {
  /** With the password: for connecting, never for showing. */
  readonly url: string;
  /** Stops an embedded server, unless another process still uses it. */
  leave(): Promise<void>;
}

/** Starts the embedded server, takes over the one that runs, or names the one that the settings name. */
export async function openCatalogServer(settings: LocalSettings, secrets: Secrets): Promise<CatalogServer> {
  const { catalog } = settings;
  if (catalog.kind === 'postgresql') {
    const url = new URL(catalog.url);
    if (catalog.secret !== undefined)
      url.password = encodeURIComponent(await secrets.resolve(catalog.secret));
    return { url: url.href, leave: async () => undefined };
  }
  const server = await startServer({
    dataDir: join(settings.stateDirectory, 'catalog'),
    binaries: await serverBinaries(18),
  });
  await createDatabase(server.url);
  const url = new URL(server.url);
  url.pathname = `/${database}`;
  return {
    url: url.href,
    async leave() {
      if ((await otherClients(server.url)) === 0) await server.stop('fast');
    },
  };
}

async function createDatabase(serverUrl: string): Promise<void> {
  await withClient(serverUrl, async (client) => {
    try {
      await client.query(`create database ${database}`);
    } catch (error) {
      // Made by an earlier start, or by another process at this very moment.
      const made = error instanceof pg.DatabaseError && (error.code === '42P04' || error.code === '23505');
      if (!made) throw error;
    }
  });
}

async function otherClients(serverUrl: string): Promise<number> {
  return withClient(serverUrl, async (client) => {
    const { rows } = await client.query<{ count: number }>(
      `select count(*)::int as count from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()`,
    );
    return rows[0]?.count ?? 0;
  });
}

async function withClient<T>(url: string, use: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  try {
    await client.connect();
    return await use(client);
  } catch (error) {
    throw LcbError.isInstance(error)
      ? error
      : new LcbError({
          code: 'catalog.unreachable',
          message: `The catalog's database does not answer: ${error instanceof Error ? error.message : String(error)}.`,
          retryable: true,
          cause: error,
        });
  } finally {
    await client.end();
  }
}
