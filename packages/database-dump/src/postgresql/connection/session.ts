import { pipeline } from 'node:stream/promises';
import { LcbError } from '@lcb/core';
import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { z } from 'zod';
import { CopyOut } from './copy-out.ts';
import { databaseError } from './database-errors.ts';
import { type Endpoint, isSocketFolder } from './endpoint.ts';
import { sslOptions } from './ssl-options.ts';

const CONNECT_TIMEOUT_SECONDS = 30;
/** Milliseconds of silence before the first keep-alive: less than what load balancers and NAT forget after. */
const KEEP_ALIVE_DELAY = 30_000;

/** `count(*)` and other bigints arrive as text. */
export const countColumn = z.coerce.number().int().nonnegative();

const parameterStatus = z.object({ parameterName: z.string(), parameterValue: z.string() });

/** What the server said instead of running a statement. */
export interface Refusal {
  /** SQLSTATE, such as `42501`. */
  readonly state: string;
  readonly error: LcbError;
}

/** One connection. Errors are `LcbError`s; what comes back is parsed. */
export class Session {
  readonly endpoint: Endpoint;
  readonly #client: pg.Client;
  readonly #reported = new Map<string, string>();

  private constructor(client: pg.Client, endpoint: Endpoint) {
    this.#client = client;
    this.endpoint = endpoint;
    client.connection.on('parameterStatus', (status: unknown) => {
      const { parameterName, parameterValue } = parameterStatus.parse(status);
      this.#reported.set(parameterName, parameterValue);
    });
  }

  /**
   * @param onLost called when the connection breaks, also while nothing is asked of it.
   * @throws LcbError `database.unreachable`, `database.authentication`, `database.notFound`, …
   */
  static async open(endpoint: Endpoint, onLost: (error: LcbError) => void = () => {}): Promise<Session> {
    const client = await connect(endpoint);
    client.on('error', (error) => onLost(databaseError(error, endpoint, 'The connection')));
    const session = new Session(client, endpoint);
    // What somebody made in the schema `public` must not be taken for a function or operator of the server's.
    try {
      await session.run('SET search_path = pg_catalog');
    } catch (error) {
      await session.close();
      throw error;
    }
    return session;
  }

  async query<Row>(row: z.ZodType<Row>, sql: string, values: readonly unknown[] = []): Promise<Row[]> {
    try {
      const { rows } = await this.#client.query(sql, [...values]);
      return z.array(row).parse(rows);
    } catch (error) {
      throw databaseError(error, this.endpoint, 'A query');
    }
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

  /** A statement, or several with semicolons between them, without an answer. */
  async run(sql: string): Promise<void> {
    try {
      await this.#client.query(sql);
    } catch (error) {
      throw databaseError(error, this.endpoint, 'A statement');
    }
  }

  /**
   * Runs a statement that the server may refuse for a reason that the caller can deal with.
   *
   * @param states SQLSTATEs (PostgreSQL's documentation, appendix A): the text of a message depends on the server's language.
   * @returns the refusal, or undefined when the statement went well. Any other failure is thrown, as by {@link Session.run}.
   */
  async runUnlessRefused(sql: string, states: readonly string[]): Promise<Refusal | undefined> {
    try {
      await this.#client.query(sql);
      return undefined;
    } catch (error) {
      const state = error instanceof pg.DatabaseError ? error.code : undefined;
      if (state === undefined || !states.includes(state))
        throw databaseError(error, this.endpoint, 'A statement');
      return { state, error: databaseError(error, this.endpoint, 'A statement') };
    }
  }

  /** Runs exactly one statement: the server refuses text that it takes for several. */
  async runOne(sql: string): Promise<void> {
    const query = { text: sql, queryMode: 'extended' };
    try {
      await this.#client.query(query);
    } catch (error) {
      throw databaseError(error, this.endpoint, 'A statement');
    }
  }

  /**
   * The value of a setting that servers report of themselves (`GUC_REPORT`), as of the last statement, if it changed since
   * the session began.
   */
  reported(setting: string): string | undefined {
    return this.#reported.get(setting);
  }

  /** Sends rows to `COPY … FROM STDIN`. @returns how many the server took. */
  async copyIn(sql: string, rows: AsyncIterable<Uint8Array>): Promise<number> {
    const stream = this.#client.query(copyFrom(sql));
    try {
      await pipeline(rows, stream);
    } catch (error) {
      throw databaseError(error, this.endpoint, 'Loading rows');
    }
    return stream.rowCount;
  }

  /**
   * What `COPY … TO STDOUT` sends, in large chunks; each is valid until the next is asked for.
   *
   * @returns how many rows the server says to have sent.
   */
  async *copyOut(sql: string): AsyncGenerator<Buffer, number> {
    const copy = this.#client.query(new CopyOut(sql));
    try {
      yield* copy.rows();
    } catch (error) {
      throw databaseError(error, this.endpoint, 'Reading rows');
    }
    return copy.rowCount;
  }

  /** Ends the connection; a query under way fails. */
  async close(): Promise<void> {
    await this.#client.end();
  }
}

/**
 * Runs work in a session of its own.
 *
 * @param options.signal breaks off whatever the session is doing; the work then fails with `database.connectionLost`.
 * @param options.onLost see {@link Session.open}.
 */
export async function withSession<T>(
  endpoint: Endpoint,
  work: (session: Session) => Promise<T>,
  options: { readonly signal?: AbortSignal; readonly onLost?: (error: LcbError) => void } = {},
): Promise<T> {
  const session = await Session.open(endpoint, options.onLost);
  const breakOff = () => void session.close();
  options.signal?.addEventListener('abort', breakOff, { once: true });
  try {
    options.signal?.throwIfAborted();
    return await work(session);
  } finally {
    options.signal?.removeEventListener('abort', breakOff);
    await session.close();
  }
}

async function connect(endpoint: Endpoint): Promise<pg.Client> {
  const ssl = await sslOptions(endpoint);
  const optional = endpoint.sslMode === 'prefer' || endpoint.sslMode === 'allow';
  try {
    return await connectWith(endpoint, ssl);
  } catch (error) {
    const hasNoTls = error instanceof Error && /does not support SSL/.test(error.message);
    if (!hasNoTls || !optional) throw databaseError(error, endpoint, 'Connecting');
  }
  try {
    return await connectWith(endpoint, false);
  } catch (error) {
    throw databaseError(error, endpoint, 'Connecting');
  }
}

async function connectWith(endpoint: Endpoint, ssl: pg.ClientConfig['ssl']): Promise<pg.Client> {
  const seconds = Number(endpoint.parameters.get('connect_timeout') ?? CONNECT_TIMEOUT_SECONDS);
  const options = endpoint.parameters.get('options');
  const client = new pg.Client({
    host: endpoint.host,
    port: endpoint.port,
    user: endpoint.user,
    database: endpoint.database,
    // An empty one would be looked for in ~/.pgpass and PGPASSWORD.
    password: endpoint.password ?? (() => ''),
    application_name: 'liferay-cloud-backup',
    client_encoding: 'UTF8',
    connectionTimeoutMillis: seconds * 1000,
    ...(options === undefined ? {} : { options }),
    ...(isSocketFolder(endpoint.host)
      ? {}
      : { keepAlive: true, keepAliveInitialDelayMillis: KEEP_ALIVE_DELAY }),
    ssl: ssl ?? false,
  });
  // Without a listener an error between two queries would end the process.
  client.on('error', () => {});
  try {
    await client.connect();
    return client;
  } catch (error) {
    await client.end();
    throw error;
  }
}
