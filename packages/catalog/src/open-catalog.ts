import { type Catalog, LcbError, projectIdSchema } from '@lcb/core';
import { asPlatform, asProject, type CatalogDatabase } from './database/act-as.ts';
import { connect } from './database/connection.ts';
import { assertPositiveInteger, parseInput } from './input.ts';
import { migrations } from './migrations/index.ts';
import { PostgresPlatformCatalog } from './platform-catalog.ts';
import { PostgresProjectCatalog } from './project-catalog.ts';

export interface OpenOptions {
  /** `postgres://user@host:port/database`: a login that is a member of `lcb_app` and `lcb_platform`. */
  readonly url: string;
  /** Connections at most, 4 when left out. */
  readonly poolSize?: number;
}

export interface PostgresCatalog extends Catalog {
  readonly platform: PostgresPlatformCatalog;
  /** Waits for what is running and closes the connections. */
  close(): Promise<void>;
}

/**
 * Opens a catalog that was migrated, and makes sure that it can be used before anything relies on it.
 * @throws InvalidRequestError for a wrong URL or pool size
 * @throws LcbError `catalog.unavailable` (retryable); `catalog.notSetUp`, `catalog.notMigrated`
 */
export async function openCatalog({ url, poolSize = 4 }: OpenOptions): Promise<PostgresCatalog> {
  assertPositiveInteger(poolSize, 'poolSize');
  const db = connect({ url, poolSize });
  try {
    await assertMigrated(db);
  } catch (error) {
    await db.destroy();
    throw error;
  }
  return {
    platform: new PostgresPlatformCatalog(db),
    forProject: (projectId) =>
      new PostgresProjectCatalog(db, parseInput(projectIdSchema, projectId, 'The project')),
    close: () => db.destroy(),
  };
}

/** Later migrations than those known here are fine: they keep one older version running. */
async function assertMigrated(db: CatalogDatabase): Promise<void> {
  const applied = await asPlatform(db, (trx) => trx.selectFrom('migrations').select('name').execute());
  const names = new Set(applied.map(({ name }) => name));
  const missing = Object.keys(migrations).filter((name) => !names.has(name));
  if (missing.length > 0) {
    throw new LcbError({
      code: 'catalog.notMigrated',
      message: `The catalog lacks the migrations ${missing.join(', ')}. Migrate it before the service starts.`,
    });
  }
  // A project that no request can name: whether the login may act for one is found out now.
  await asProject(db, '', async () => {});
}
