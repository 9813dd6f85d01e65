import { LcbError } from '@lcb/core';
import { quoteLiteral } from '../../catalog/quote.ts';
import { describeEndpoint, type Endpoint } from '../../connection/endpoint.ts';
import { type Refusal, Session } from '../../connection/session.ts';
import { prepareSession } from '../snapshot.ts';

/** By which `pg_dump` has values written; see `setup_connection` in its source. */
const OUTPUT = [
  'SET datestyle = ISO',
  'SET intervalstyle = postgres',
  'SET extra_float_digits = 3',
  'SET bytea_output = hex',
  // A range is a part of the table and nothing that the server has to be clever about.
  'SET synchronize_seqscans = off',
  'SET max_parallel_workers_per_gather = 0',
].join('; ');

/** How a server refuses a snapshot whose session has ended: invalid_parameter_value, object_not_in_prerequisite_state. */
const NO_SNAPSHOT = ['22023', '55000'];

export interface ReadersOptions {
  readonly endpoint: Endpoint;
  readonly snapshotId: string;
  readonly signal: AbortSignal;
  /** A reader's connection broke, whatever it was doing. */
  readonly onLost: (error: LcbError) => void;
}

/** Sessions that all read from one exported snapshot, each used by one task at a time and kept for the next. */
export class SnapshotReaders {
  readonly #options: ReadersOptions;
  readonly #open = new Set<Session>();
  readonly #idle: Session[] = [];

  private constructor(options: ReadersOptions) {
    this.#options = options;
  }

  /** Ends all sessions with the work, and at once when the signal fires. */
  static async with<T>(options: ReadersOptions, work: (readers: SnapshotReaders) => Promise<T>): Promise<T> {
    const readers = new SnapshotReaders(options);
    const breakOff = () => void readers.#close();
    options.signal.addEventListener('abort', breakOff, { once: true });
    try {
      return await work(readers);
    } finally {
      options.signal.removeEventListener('abort', breakOff);
      await readers.#close();
    }
  }

  /** The session is idle again when the generator has ended well; after a failure it is used no more. */
  async *read<T>(ask: (session: Session) => AsyncGenerator<T>): AsyncGenerator<T> {
    const session = this.#idle.pop() ?? (await this.#begin());
    yield* ask(session);
    this.#idle.push(session);
  }

  async #begin(): Promise<Session> {
    const { endpoint, snapshotId, signal, onLost } = this.#options;
    const session = await Session.open(endpoint, onLost);
    this.#open.add(session);
    signal.throwIfAborted();
    await prepareSession(session);
    await session.run(OUTPUT);
    await session.run('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    const gone = await session.runUnlessRefused(
      `SET TRANSACTION SNAPSHOT ${quoteLiteral(snapshotId)}`,
      NO_SNAPSHOT,
    );
    if (gone) throw snapshotLost(endpoint, gone);
    return session;
  }

  async #close(): Promise<void> {
    await Promise.all([...this.#open].map((session) => session.close()));
  }
}

function snapshotLost(endpoint: Endpoint, { error }: Refusal): LcbError {
  return new LcbError({
    code: 'database.connectionLost',
    message: `The session that held the snapshot of ${describeEndpoint(endpoint)} is gone, so nobody can read from it any more. Look into the server's log if it happens again.`,
    retryable: true,
    cause: error,
  });
}
