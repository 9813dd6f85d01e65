import { type Kysely, sql, type Transaction } from 'kysely';
import { catalogError } from './catalog-error.ts';
import { appRole, catalogSchema, platformRole, tenantSetting } from './roles.ts';
import type { CatalogTables } from './tables.ts';

export type CatalogDatabase = Kysely<CatalogTables>;
export type CatalogTransaction = Transaction<CatalogTables>;

/** One transaction that sees the rows of one project. @throws LcbError */
export function asProject<T>(
  db: CatalogDatabase,
  projectId: string,
  work: (trx: CatalogTransaction) => Promise<T>,
): Promise<T> {
  return actAs(db, { role: appRole, projectId }, work);
}

/** One transaction across projects, with what admission, leases and delivery need. @throws LcbError */
export function asPlatform<T>(
  db: CatalogDatabase,
  work: (trx: CatalogTransaction) => Promise<T>,
): Promise<T> {
  return actAs(db, { role: platformRole, projectId: '' }, work);
}

/**
 * Role, project and schema are bound to the transaction and gone with it, so that connections may be shared with
 * anybody, also behind a transaction pooler. Read committed, whatever the database's default is: the locking below
 * relies on seeing what was committed while it waited.
 */
async function actAs<T>(
  db: CatalogDatabase,
  actor: { readonly role: string; readonly projectId: string },
  work: (trx: CatalogTransaction) => Promise<T>,
): Promise<T> {
  try {
    return await db
      .transaction()
      .setIsolationLevel('read committed')
      .execute(async (trx) => {
        // `set_config('role', …, true)` is SET LOCAL ROLE, with a parameter and in one round trip.
        await sql`select set_config('search_path', ${`${catalogSchema}, pg_temp`}, true),
                         set_config(${tenantSetting}, ${actor.projectId}, true),
                         set_config('role', ${actor.role}, true)`.execute(trx);
        return await work(trx);
      });
  } catch (thrown) {
    throw catalogError(thrown);
  }
}
