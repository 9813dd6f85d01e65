import { serverBinaries } from '@lcb/embedded-postgres';
import { requireOrSkip, type ThrowawayServer, throwawayServer } from '@lcb/embedded-postgres/testing';
import { Client } from 'pg';
import { afterAll, afterEach, beforeAll } from 'vitest';
import { migrateCatalog } from '../migrate-catalog.ts';
import { openCatalog, type PostgresCatalog } from '../open-catalog.ts';

/** `describe` for what needs a real PostgreSQL. */
export const withPostgres = await requireOrSkip('PostgreSQL 18', () => serverBinaries(18));

export interface TestCatalog {
  readonly url: string;
  readonly catalog: PostgresCatalog;
  /** A superuser's connection to the same database, past every rule: to look at rows, to let time pass, to tamper. */
  readonly admin: Client;
}

interface CatalogServer {
  /** A URL of this server, for another database or login. */
  url(options: { readonly database: string; readonly user?: string }): string;
  /** An empty database. */
  emptyDatabase(owner?: string): Promise<string>;
  /** A migrated catalog that holds nothing, closed when the test ends. Tests of one file run one after the other. */
  fresh(options?: { readonly poolSize?: number }): Promise<TestCatalog>;
  /** A superuser's connection, closed when the test ends. */
  connect(database: string, user?: string): Promise<Client>;
}

const migrated = 'catalog';
/** Much faster than a database for each test. */
const empty = `
  alter table lcb.audit_entries disable trigger append_only;
  truncate lcb.projects, lcb.audit_heads, lcb.audit_entries restart identity cascade;
  alter table lcb.audit_entries enable always trigger append_only`;
/** Of every login that a test makes; its server is gone with the test. */
export const loginPassword = 'throwaway';

/** Starts a server for the suite that calls it, and stops it at the end. */
export function useCatalogServer(): CatalogServer {
  let server: ThrowawayServer | undefined;
  let maintenance: Client | undefined;
  let databases = 0;
  const open: (() => Promise<void>)[] = [];

  const url: CatalogServer['url'] = ({ database, user }) => {
    if (server === undefined) throw new Error('The server runs while tests do, not before.');
    const result = new URL(server.url);
    result.pathname = `/${database}`;
    if (user !== undefined) {
      result.username = user;
      result.password = loginPassword;
    }
    return result.href;
  };
  const connect: CatalogServer['connect'] = async (database, user) => {
    const client = new Client({
      connectionString: url(user === undefined ? { database } : { database, user }),
    });
    await client.connect();
    open.push(() => client.end());
    return client;
  };
  beforeAll(async () => {
    server = await throwawayServer();
    maintenance = new Client({ connectionString: url({ database: 'postgres' }) });
    await maintenance.connect();
    await maintenance.query(`create database ${migrated}`);
    await migrateCatalog({ url: url({ database: migrated }) });
  });
  afterEach(async () => {
    for (const close of open.splice(0).reverse()) await close();
  });
  afterAll(async () => {
    await maintenance?.end();
    await server?.remove();
  });

  return {
    url,
    connect,
    emptyDatabase: async (owner = 'postgres') => {
      databases += 1;
      await maintenance?.query(`create database test_${databases} owner ${owner}`);
      return `test_${databases}`;
    },
    fresh: async ({ poolSize = 10 } = {}) => {
      const admin = await connect(migrated);
      await admin.query(empty);
      const catalog = await openCatalog({ url: url({ database: migrated }), poolSize });
      open.push(() => catalog.close());
      return { url: url({ database: migrated }), catalog, admin };
    },
  };
}
