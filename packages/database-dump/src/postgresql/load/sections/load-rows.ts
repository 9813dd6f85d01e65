import { LcbError } from '@lcb/core';
import { type Session, withSession } from '../../connection/session.ts';
import { StatementReader } from '../../guard/statement-reader.ts';
import { loadSettings, type Psql, runPsql } from '../run-psql.ts';

/** As a part begins that one of our readers wrote; `pg_dump` begins with a comment. */
const COPY = Buffer.from('COPY ');

/** What of the settings that `pg_dump` writes before rows has a meaning for them. */
const SETTINGS = [
  'SET statement_timeout = 0',
  'SET lock_timeout = 0',
  'SET idle_in_transaction_session_timeout = 0',
  "SET client_encoding = 'UTF8'",
  // A check's function finds what it names as it does for `pg_dump`.
  "SELECT pg_catalog.set_config('search_path', '', false)",
  'SET xmloption = content',
  'SET row_security = off',
];

export interface RowsLoad {
  readonly psql: Psql;
  /** One part of rows. */
  readonly source: AsyncGenerator<Uint8Array>;
  /** Of the part, for messages. */
  readonly name: string;
  readonly signal: AbortSignal;
}

/**
 * Loads one part of a dump's rows. One that has the rows of one table goes to the server as it is: psql would look at every
 * line on the way. Everything else is a script, and psql's.
 */
export async function loadRows({ psql, source, name, signal }: RowsLoad): Promise<void> {
  try {
    const first = await source.next();
    const whole = first.done === true ? source : startingWith(first.value, source);
    const isRows = first.done !== true && COPY.equals(first.value.subarray(0, COPY.length));
    if (isRows) await inSession(psql, signal, (session) => copyRows(session, whole, name));
    else await runPsql({ ...psql, source: whole, signal });
  } finally {
    // Where no session could be had, nobody has read to its end.
    await source.return(undefined);
  }
}

async function inSession(
  { endpoint, serverMajor }: Psql,
  signal: AbortSignal,
  work: (session: Session) => Promise<void>,
): Promise<void> {
  const ours = Object.entries(loadSettings(serverMajor)).map(([key, value]) => `SET ${key} = ${value}`);
  await withSession(
    endpoint,
    async (session) => {
      for (const sql of [...ours, ...SETTINGS]) await session.run(sql);
      await work(session);
    },
    { signal },
  );
}

/** @throws the error of `source`, else LcbError. */
async function copyRows(session: Session, source: AsyncIterable<Uint8Array>, name: string): Promise<void> {
  let sourceFailure: { readonly error: unknown } | undefined;
  async function* watched() {
    try {
      yield* source;
    } catch (error) {
      sourceFailure = { error };
      throw error;
    }
  }
  const reader = new StatementReader(watched(), name);
  try {
    const item = await reader.next();
    if (item?.kind !== 'statement') throw unreadable(name);
    const taken = await session.copyIn(item.statement.sql, reader.rows());
    if (taken !== reader.rowCount || (await reader.next()) !== undefined) throw unreadable(name);
  } catch (error) {
    throw sourceFailure ? sourceFailure.error : error;
  } finally {
    await reader.close();
  }
}

async function* startingWith(
  first: Uint8Array,
  rest: AsyncGenerator<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  yield first;
  yield* rest;
}

function unreadable(name: string): LcbError {
  return new LcbError({
    code: 'database.dumpUnreadable',
    message: `${name} has something else than the rows of one table, or the server took fewer of them. Restore another backup.`,
  });
}
