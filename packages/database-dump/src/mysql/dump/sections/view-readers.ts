import { LcbError } from '@lcb/core';
import { liftTimeLimits, type Server } from '../../catalog/server.ts';
import type { Endpoint } from '../../connection/endpoint.ts';
import { Session } from '../../connection/session.ts';

/** Seconds that a reader waits for a table that somebody holds exclusively; the server's own limit is a day. */
const LOCK_WAIT = 300;

export interface ReadersOptions {
  readonly endpoint: Endpoint;
  readonly server: Server;
  readonly count: number;
  readonly signal: AbortSignal;
  /** A reader's connection broke, whatever it was doing. */
  readonly onLost: (error: LcbError) => void;
}

/** Sessions each with a read view of its own, which are begun together and each used by one task at a time. */
export class ViewReaders {
  readonly #sessions: Session[] = [];
  readonly #idle: Session[] = [];

  private constructor() {}

  /** Connects, so that beginning takes no time. Ends all sessions with the work, and at once when the signal fires. */
  static async with<T>(
    { endpoint, server, count, signal, onLost }: ReadersOptions,
    work: (readers: ViewReaders) => Promise<T>,
  ): Promise<T> {
    const readers = new ViewReaders();
    const breakOff = () => readers.#close();
    signal.addEventListener('abort', breakOff, { once: true });
    try {
      for (let index = 0; index < count; index++) {
        const session = await Session.open(endpoint, { onLost });
        readers.#sessions.push(session);
        signal.throwIfAborted();
        await liftTimeLimits(session, server);
        await session.run(`SET SESSION lock_wait_timeout = ${LOCK_WAIT}`);
        await session.run('SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ');
      }
      return await work(readers);
    } finally {
      signal.removeEventListener('abort', breakOff);
      readers.#close();
    }
  }

  /** What they read from then on is of the moment of this call. */
  async begin(): Promise<void> {
    await Promise.all(
      this.#sessions.map(async (session) => {
        await session.run('START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY');
        this.#idle.push(session);
      }),
    );
  }

  /** The session is idle again when the generator has ended well; after a failure it is used no more. At most `count` at a time. */
  async *read<T>(ask: (session: Session) => AsyncGenerator<T>): AsyncGenerator<T> {
    const session = this.#idle.pop();
    if (session === undefined)
      throw new LcbError({ code: 'internal', message: 'More tasks read at a time than there are readers.' });
    yield* ask(session);
    this.#idle.push(session);
  }

  #close(): void {
    for (const session of this.#sessions) session.close();
  }
}
