import pg from 'pg';

/** Any number that nothing else in the catalog's database locks: the letters `lcb1`. */
const lockId = 0x6c_63_62_31;

export interface OwnerLock {
  release(): Promise<void>;
}

/**
 * Makes this process the one that runs workflows: a session-level advisory lock in the catalog's database, on a
 * connection of its own. The server gives it back when the process dies, however it dies.
 * `onLost` is called when the connection breaks: somebody else may be owner from then on.
 * @returns `undefined` while another process is the owner
 */
export async function tryOwnerLock(catalogUrl: string, onLost: () => void): Promise<OwnerLock | undefined> {
  const client = new pg.Client({ connectionString: catalogUrl, keepAlive: true });
  let released = false;
  client.on('error', () => {
    if (!released) onLost();
  });
  client.on('end', () => {
    if (!released) onLost();
  });
  await client.connect();
  const { rows } = await client.query<{ locked: boolean }>('select pg_try_advisory_lock($1) as locked', [
    lockId,
  ]);
  if (rows[0]?.locked !== true) {
    released = true;
    await client.end();
    return undefined;
  }
  return {
    async release() {
      if (released) return;
      released = true;
      await client.end();
    },
  };
}

/** Is some process the owner now? Looks only: nobody who tries for the lock meanwhile is kept from it. */
export async function isOwned(catalogUrl: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: catalogUrl });
  await client.connect();
  try {
    const { rows } = await client.query<{ held: boolean }>(
      `select exists (
         select from pg_locks
         where locktype = 'advisory' and granted and objsubid = 1
           and (classid::bigint << 32 | objid::bigint) = $1
           and database = (select oid from pg_database where datname = current_database())
       ) as held`,
      [lockId],
    );
    return rows[0]?.held === true;
  } finally {
    await client.end();
  }
}
