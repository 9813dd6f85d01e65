import { type DialectAdapter, Kysely, PostgresAdapter, PostgresDialect, sql } from 'kysely';
import { Migrator } from 'kysely/migration';
import { catalogError } from './database/catalog-error.ts';
import { createPool } from './database/connection.ts';
import { catalogSchema, ownerRole } from './database/roles.ts';
import { ensureRoles } from './migrations/cluster-roles.ts';
import { migrations } from './migrations/index.ts';

/** Any number that nothing else in this database locks. */
const migrationLock = 4_203_171_914;

/**
 * Brings the catalog's schema up to date and answers with the names of the migrations that it applied: none when there
 * was nothing to do. All of them or none: one transaction, under an advisory lock, so that any number of processes may
 * call it at once; the others wait and find it done.
 *
 * @param options.url a login that may create roles and schemas the first time, and is a member of `lcb_owner` after it;
 *   the service itself may use another one, which only has to be a member of `lcb_app` and `lcb_platform`
 * @throws LcbError `catalog.unavailable` (retryable), `catalog.notSetUp`, `catalog.roleUnsafe`, `catalog.failed`
 */
export async function migrateCatalog({ url }: { readonly url: string }): Promise<readonly string[]> {
  const db = new Kysely<unknown>({ dialect: new MigrationDialect({ pool: createPool(url, 1) }) });
  try {
    return await db
      .transaction()
      .setIsolationLevel('read committed')
      .execute(async (trx) => {
        await sql`select pg_advisory_xact_lock(${migrationLock})`.execute(trx);
        await ensureRoles(trx);
        await sql`select set_config('search_path', ${`${catalogSchema}, pg_temp`}, true),
                         set_config('role', ${ownerRole}, true)`.execute(trx);
        return await applyPending(trx);
      });
  } catch (thrown) {
    throw catalogError(thrown);
  } finally {
    await db.destroy();
  }
}

async function applyPending(trx: Kysely<unknown>): Promise<readonly string[]> {
  const migrator = new Migrator({
    db: trx,
    provider: { getMigrations: async () => migrations },
    migrationTableName: 'migrations',
    migrationLockTableName: 'migrations_lock',
    migrationTableSchema: catalogSchema,
  });
  const { error, results } = await migrator.migrateToLatest();
  if (error !== undefined) throw error;
  return (results ?? []).map(({ migrationName }) => migrationName);
}

/**
 * Kysely's own lock belongs to the session: it would stay behind on a pooler's connection, and its release in a failed
 * transaction would hide what failed. The lock of the transaction around it does the work.
 */
class MigrationDialect extends PostgresDialect {
  override createAdapter(): DialectAdapter {
    return new AdapterWithoutLock();
  }
}

class AdapterWithoutLock extends PostgresAdapter {
  override async acquireMigrationLock(): Promise<void> {}
  override async releaseMigrationLock(): Promise<void> {}
}
