import { LcbError } from '@lcb/core';
import type { FailureScope } from '../../../stream/failure-scope.ts';
import { type Session, withSession } from '../../connection/session.ts';
import { loadSettings, type Psql, runPsql } from '../run-psql.ts';
import { IndexQueue } from './index-queue.ts';
import { type PostData, readPostData } from './read-post-data.ts';

export interface PostDataLoad {
  readonly psql: Psql;
  /** The script, from its beginning each time. */
  readonly source: () => AsyncIterable<Uint8Array>;
  readonly workers: number;
  readonly scope: FailureScope;
}

/**
 * Runs what is defined once the rows are there. Primary keys, unique keys and indexes, which are nearly all of the work and depend
 * on nothing else of it, side by side; then the rest, one after the other in its order.
 */
export async function loadPostData({ psql, source, workers, scope }: PostDataLoad): Promise<void> {
  const { signal } = scope;
  const script = await readOrLeave(source);
  // Text that our lexer does not want to understand is still psql's to run: this dump is trusted.
  if (script === undefined) return await runPsql({ ...psql, source: source(), signal });
  const queue = new IndexQueue(script.indexes);
  const runners = Array.from({ length: Math.min(workers, script.indexes.length) }, () =>
    scope.run(() =>
      inSession(psql, script, signal, async (session) => {
        for (let next = await queue.take(signal); next; next = await queue.take(signal)) {
          await session.run(next.sql);
          queue.done(next);
        }
      }),
    ),
  );
  await scope.settle(runners);
  await inSession(psql, script, signal, async (session) => {
    for (const sql of script.rest) await session.run(sql);
  });
}

async function readOrLeave(source: PostDataLoad['source']): Promise<PostData | undefined> {
  try {
    return await readPostData(source());
  } catch (error) {
    if (LcbError.isInstance(error) && error.code.startsWith('sql.')) return undefined;
    throw error;
  }
}

async function inSession(
  { endpoint, serverMajor }: Psql,
  { settings }: PostData,
  signal: AbortSignal,
  work: (session: Session) => Promise<void>,
): Promise<void> {
  const ours = Object.entries(loadSettings(serverMajor)).map(([name, value]) => `SET ${name} = ${value}`);
  await withSession(
    endpoint,
    async (session) => {
      for (const sql of [...ours, ...settings]) await session.run(sql);
      await work(session);
    },
    { signal },
  );
}
