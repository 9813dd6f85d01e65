import type { Readable } from 'node:stream';
import { LcbError } from '@lcb/core';
import mysql, { type Connection } from 'mysql2';
import { z } from 'zod';
import { ChunkQueue } from '../../stream/chunk-queue.ts';
import { databaseError, errorName } from './database-errors.ts';
import type { Endpoint } from './endpoint.ts';
import { RowTap, type TakeRow } from './row-tap.ts';
import { socketOf } from './socket.ts';
import { sslOptions } from './ssl-options.ts';

/** Milliseconds of silence before the first keep-alive: less than what load balancers and NAT forget after. */
const KEEP_ALIVE_DELAY = 30_000;

/** `COUNT(*)` and other bigints arrive as text. */
export const countColumn = z.coerce.number().int().nonnegative();

/** What a condition answers: a number, or where the server makes a bigint of it, the text of one. */
export const flagColumn = z.coerce.number().transform((value) => value !== 0);

/**
 * What every session of ours wants: no `ANSI_QUOTES` or `NO_BACKSLASH_ESCAPES`, under which the driver would quote wrongly;
 * times in UTC; and hours of patience, also of the server's, since a store may be slow.
 */
const SETTINGS =
  "SET SESSION sql_mode = 'NO_ENGINE_SUBSTITUTION', time_zone = '+00:00', wait_timeout = 2147483, net_write_timeout = 86400, net_read_timeout = 86400";

export interface SessionOptions {
  /** Called when the connection breaks, also while nothing is asked of it. */
  readonly onLost?: (error: LcbError) => void;
  /** No database is entered: for work on the server, or on a database that may not exist. */
  readonly withoutDatabase?: boolean;
  /** Statements are sent as bytes, by {@link Session.runBytes}. */
  readonly rawBytes?: boolean;
}

/** Makes something else of rows, where they lie. */
export interface RowWriter {
  readonly row: TakeRow;
  /** After the last row. */
  readonly end: () => void;
}

/** One connection. Errors are `LcbError`s; what comes back is parsed. */
export class Session {
  readonly endpoint: Endpoint;
  readonly #connection: Connection;
  /** What waits for an answer: a connection that was closed from this side calls nobody back. */
  readonly #waiting = new Set<(error: Error) => void>();
  #closing = false;

  private constructor(connection: Connection, endpoint: Endpoint) {
    this.#connection = connection;
    this.endpoint = endpoint;
  }

  /** @throws LcbError `database.unreachable`, `database.authentication`, `database.notFound`, … */
  static async open(endpoint: Endpoint, options: SessionOptions = {}): Promise<Session> {
    const connection = await connect(endpoint, options);
    const session = new Session(connection, endpoint);
    const lost = (error: unknown) => {
      if (!session.#closing) options.onLost?.(databaseError(error, endpoint, 'The connection'));
    };
    connection.on('error', lost);
    connection.on('end', () => lost(new Error('Connection lost')));
    await session.run(SETTINGS);
    // The driver goes on to write one byte for each character, the server reads them as UTF-8.
    if (options.rawBytes === true) await session.run('SET NAMES utf8mb4');
    return session;
  }

  async query<Row>(row: z.ZodType<Row>, sql: string, values: readonly unknown[] = []): Promise<Row[]> {
    return z.array(row).parse(await this.#ask(sql, values));
  }

  /** The only row. */
  async one<Row>(row: z.ZodType<Row>, sql: string, values: readonly unknown[] = []): Promise<Row> {
    const [first] = await this.query(row, sql, values);
    if (first !== undefined) return first;
    throw new LcbError({
      code: 'database.queryFailed',
      message: 'The database gave no answer where there is always one.',
    });
  }

  /** One statement without an answer. @returns how many rows it changed. */
  async run(sql: string, values: readonly unknown[] = []): Promise<number> {
    const result = z.object({ affectedRows: z.number() }).safeParse(await this.#ask(sql, values));
    return result.data?.affectedRows ?? 0;
  }

  /** One statement as it is in a file, binary values and all; the session must be one for raw bytes. */
  async runBytes(sql: Uint8Array): Promise<void> {
    await this.run(Buffer.from(sql.buffer, sql.byteOffset, sql.byteLength).toString('latin1'));
  }

  /**
   * Runs a statement that the server may refuse for a reason that the caller can deal with.
   *
   * @param names of errors, such as `ER_SPECIFIC_ACCESS_DENIED_ERROR`: messages depend on the server's language.
   * @returns the refusal, or undefined when the statement went well. Any other failure is thrown.
   */
  async runUnlessRefused(sql: string, names: readonly string[]): Promise<LcbError | undefined> {
    try {
      await this.#send(sql, []);
      return undefined;
    } catch (error) {
      const refusal = databaseError(error, this.endpoint, 'A statement');
      if (names.includes(errorName(error))) return refusal;
      throw refusal;
    }
  }

  /** Rows as they come, each a list of values; the server waits for the reader. */
  async *rows(sql: string): AsyncGenerator<unknown> {
    const stream: Readable = this.#connection
      .query({ sql, rowsAsArray: true })
      .stream({ highWaterMark: 256 });
    const onClosed = (error: Error) => void stream.destroy(error);
    this.#waiting.add(onClosed);
    try {
      for await (const row of stream) yield row;
    } catch (error) {
      throw databaseError(error, this.endpoint, 'Reading rows');
    } finally {
      this.#waiting.delete(onClosed);
    }
  }

  /**
   * What a writer makes of the rows of a query, as they come; the server waits for the reader. To be read to the end, or the session
   * closed. A chunk is the reader's until he asks for the next.
   */
  async *written(sql: string, begin: (chunks: ChunkQueue) => RowWriter): AsyncGenerator<Buffer> {
    const chunks = new ChunkQueue((isPaused) => tap.setPaused(isPaused));
    const writer = begin(chunks);
    let hasFailed = false;
    const tap = new RowTap(this.#connection, (bytes, from, to) => {
      if (hasFailed) return;
      try {
        writer.row(bytes, from, to);
      } catch (error) {
        hasFailed = true;
        chunks.finish({ error });
      }
    });
    const finish = () => {
      writer.end();
      chunks.passOn();
      chunks.finish({});
    };
    this.#send(sql, []).then(finish, (error: unknown) => chunks.finish({ error }));
    try {
      yield* chunks.chunks();
    } catch (error) {
      throw databaseError(error, this.endpoint, 'Reading rows');
    }
  }

  /** Ends the connection; a query under way fails. */
  close(): void {
    this.#closing = true;
    this.#connection.destroy();
    // Which only says that nothing more is asked: a server that has rows to send would wait for hours until they are taken.
    socketOf(this.#connection).destroy();
    for (const reject of this.#waiting) reject(closed());
    this.#waiting.clear();
  }

  async #ask(sql: string, values: readonly unknown[]): Promise<unknown> {
    try {
      return await this.#send(sql, values);
    } catch (error) {
      throw databaseError(error, this.endpoint, 'A query');
    }
  }

  #send(sql: string, values: readonly unknown[]): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (this.#closing) return reject(closed());
      this.#waiting.add(reject);
      this.#connection.query(sql, [...values], (error, result) => {
        this.#waiting.delete(reject);
        if (error) reject(error);
        else resolve(result);
      });
    });
  }
}

function closed(): Error {
  return new Error('The connection is closed');
}

/**
 * Runs work in a session of its own.
 *
 * @param options.signal breaks off whatever the session is doing; the work then fails with `database.connectionLost`.
 */
export async function withSession<T>(
  endpoint: Endpoint,
  work: (session: Session) => Promise<T>,
  options: SessionOptions & { readonly signal?: AbortSignal } = {},
): Promise<T> {
  const session = await Session.open(endpoint, options);
  const breakOff = () => session.close();
  options.signal?.addEventListener('abort', breakOff, { once: true });
  try {
    options.signal?.throwIfAborted();
    return await work(session);
  } finally {
    options.signal?.removeEventListener('abort', breakOff);
    session.close();
  }
}

async function connect(endpoint: Endpoint, options: SessionOptions): Promise<Connection> {
  const ssl = await sslOptions(endpoint);
  try {
    return await connectWith(endpoint, options, ssl);
  } catch (error) {
    const hasNoTls = errorName(error) === 'HANDSHAKE_NO_SSL_SUPPORT';
    if (!hasNoTls || endpoint.sslMode !== 'preferred') throw databaseError(error, endpoint, 'Connecting');
  }
  try {
    return await connectWith(endpoint, options, undefined);
  } catch (error) {
    throw databaseError(error, endpoint, 'Connecting');
  }
}

function connectWith(
  endpoint: Endpoint,
  { withoutDatabase = false, rawBytes = false }: SessionOptions,
  ssl: mysql.SslOptions | undefined,
): Promise<Connection> {
  const connection = mysql.createConnection({
    ...(endpoint.socket === undefined
      ? { host: endpoint.host, port: endpoint.port }
      : { socketPath: endpoint.socket }),
    user: endpoint.user,
    ...(withoutDatabase ? {} : { database: endpoint.database }),
    ...(endpoint.password === undefined ? {} : { password: endpoint.password }),
    ...(ssl === undefined ? {} : { ssl }),
    charset: rawBytes ? 'LATIN1_SWEDISH_CI' : 'UTF8MB4_GENERAL_CI',
    connectTimeout: endpoint.connectSeconds * 1000,
    connectAttributes: { program_name: 'liferay-cloud-backup' },
    enableKeepAlive: true,
    keepAliveInitialDelay: KEEP_ALIVE_DELAY,
    // One statement a call, and no file of this machine on the server's request.
    multipleStatements: false,
    // Told of `SET NAMES`, the driver would change how it writes statements.
    flags: rawBytes ? ['-LOCAL_FILES', '-SESSION_TRACK'] : ['-LOCAL_FILES'],
    supportBigNumbers: true,
    bigNumberStrings: true,
    dateStrings: true,
    jsonStrings: true,
  });
  return new Promise((resolve, reject) => {
    connection.on('error', reject);
    connection.connect((error) => {
      if (error) {
        connection.destroy();
        reject(error);
      } else {
        resolve(connection);
      }
    });
  });
}
