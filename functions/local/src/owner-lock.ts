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
  const { rows } = await client.query<{ locked: boolean }>('select pg_try_advisory_lock($1) as locked', [lockId]);
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
