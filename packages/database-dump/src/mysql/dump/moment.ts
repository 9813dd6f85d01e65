import type { Interval } from '@lcb/core';
import { z } from 'zod';
import { quoteName } from '../catalog/quote.ts';
import type { Endpoint } from '../connection/endpoint.ts';
import { countColumn, type Session, withSession } from '../connection/session.ts';

/** The moment that a dump and our own session read from. */
export interface Moment {
  /** By the server's clock. */
  readonly time: Interval;
  /** Did nothing change between the first read view and the last one? */
  readonly kind: 'shared' | 'near';
}

/** Those who read beside the session. */
export interface Started {
  /** When all their read views have begun. */
  readonly begun: Promise<void>;
}

/** How the server says that the right is missing. */
const NO_RIGHT = [
  'ER_SPECIFIC_ACCESS_DENIED_ERROR',
  // What Amazon RDS says, whatever the rights.
  'ER_ACCESS_DENIED_ERROR',
  'ER_DBACCESS_DENIED_ERROR',
  'ER_TABLEACCESS_DENIED_ERROR',
  'ER_UNKNOWN_COM_ERROR',
];
/** How it says that somebody did not let go in time. */
const BUSY = ['ER_LOCK_WAIT_TIMEOUT', 'ER_STATEMENT_TIMEOUT'];

const clockRow = z.object({ ms: z.coerce.number() });

async function serverTime(session: Session): Promise<number> {
  const { ms } = await session.one(clockRow, 'SELECT UNIX_TIMESTAMP(NOW(6)) * 1000 AS ms');
  return ms;
}

export interface MomentOptions {
  /** For how many seconds everybody may be kept from writing; 0 for never. */
  readonly lockSeconds: number;
  /** What is locked where the server as a whole can't be. */
  readonly tables: readonly { readonly schema: string; readonly table: string }[];
}

/**
 * Begins read views, the session's and those of others, with nothing between them: `FLUSH TABLES WITH READ LOCK`, or where that is
 * refused `LOCK TABLES … READ`, is held from before the first until after the last has begun, some tenths of a second. Neither
 * waiting for the lock nor holding it takes longer than `lockSeconds`, since while either lasts nobody can write. Where it can't be
 * had the views are of moments close to each other.
 *
 * @param reader a session in which no transaction is open.
 * @param start begins the others; it is told whether they are going to share a moment.
 */
export async function takeMoment<T extends Started>(
  endpoint: Endpoint,
  reader: Session,
  { lockSeconds, tables }: MomentOptions,
  start: (isLocked: boolean) => T,
): Promise<Moment & { readonly started: T }> {
  return await withSession(
    endpoint,
    async (locker) => {
      const isLocked = lockSeconds > 0 && (await lock(locker, reader, lockSeconds, tables));
      // Whatever happens to the others: with its connection the lock is gone.
      let isReleased = !isLocked;
      const release = () => {
        isReleased = true;
        locker.close();
      };
      const timer = isLocked ? setTimeout(release, lockSeconds * 1000) : undefined;
      try {
        const from = await serverTime(reader);
        await reader.run('START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY');
        const started = start(isLocked);
        await started.begun;
        const to = await serverTime(reader);
        clearTimeout(timer);
        const isShared = !isReleased;
        if (isShared) await locker.run('UNLOCK TABLES');
        return {
          time: {
            from: new Date(Math.floor(from)).toISOString(),
            to: new Date(Math.ceil(to)).toISOString(),
          },
          kind: isShared ? 'shared' : 'near',
          started,
        };
      } finally {
        clearTimeout(timer);
      }
    },
    { withoutDatabase: true },
  );
}

const threadRow = z.object({ id: countColumn });

async function lock(
  locker: Session,
  reader: Session,
  seconds: number,
  tables: MomentOptions['tables'],
): Promise<boolean> {
  await locker.run(`SET SESSION lock_wait_timeout = ${seconds}, innodb_lock_wait_timeout = ${seconds}`);
  const refused = await locker.runUnlessRefused('FLUSH TABLES WITH READ LOCK', [...NO_RIGHT, ...BUSY]);
  if (refused === undefined) return true;
  if (refused.code === 'database.lockTimeout' || tables.length === 0) return false;
  const all = tables.map(({ schema, table }) => `${quoteName(schema, table)} READ`).join(', ');
  const { id } = await locker.one(threadRow, 'SELECT CONNECTION_ID() AS id');
  // The server's limit is for each table, and those that are locked stay so while it waits for the next.
  let killing: Promise<unknown> | undefined;
  const timer = setTimeout(() => {
    killing = reader.runUnlessRefused(`KILL QUERY ${id}`, ['ER_NO_SUCH_THREAD']).catch(() => locker.close());
  }, seconds * 1000);
  try {
    const names = [...NO_RIGHT, ...BUSY, 'ER_QUERY_INTERRUPTED', 'ER_NO_SUCH_TABLE'];
    return (await locker.runUnlessRefused(`LOCK TABLES ${all}`, names)) === undefined;
  } finally {
    clearTimeout(timer);
    await killing;
  }
}
