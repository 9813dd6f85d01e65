import { pipeline } from 'node:stream/promises';
import { startTool } from '../../stream/tool.ts';
import type { Endpoint } from '../connection/endpoint.ts';
import { keepAliveArgument, toolEnvironment } from '../connection/tool-environment.ts';
import { toolFailure } from '../tool-failure.ts';

const ARGUMENTS = [
  // Nobody's ~/.psqlrc.
  '--no-psqlrc',
  '--quiet',
  '--no-password',
  '--set=ON_ERROR_STOP=1',
  // Details of an error quote rows, and rows are personal data.
  '--set=VERBOSITY=terse',
  // Standard input as a file: errors then come with their line. No --single-transaction: large objects come in
  // transactions of their own.
  '--file=-',
  keepAliveArgument,
];

/**
 * Settings of psql's session, which go before those of the database and the role. What a dump sets for itself is not
 * here.
 */
export function loadSettings(serverMajor: number): Record<string, string> {
  return {
    client_min_messages: 'warning',
    // Commits need not wait for the disk: the mark at the end is committed durably, and what was committed before it is
    // on disk with it.
    synchronous_commit: 'off',
    // The database may be one that is only to be read, or that takes NULL in an array for a text.
    default_transaction_read_only: 'off',
    array_nulls: 'on',
    // The store may be slow while the session waits.
    ...(serverMajor >= 14 ? { idle_session_timeout: '0' } : {}),
    // A dump of an older pg_dump does not know of it.
    ...(serverMajor >= 17 ? { transaction_timeout: '0' } : {}),
  };
}

export interface Psql {
  /** Absolute path. */
  readonly program: string;
  readonly endpoint: Endpoint;
  readonly serverMajor: number;
}

export interface PsqlRun extends Psql {
  /** SQL, as `pg_dump` writes it. */
  readonly source: AsyncIterable<Uint8Array>;
  readonly signal: AbortSignal;
}

/**
 * Has psql run a dump, to its end or to the first error.
 *
 * @throws the error of `source`, else LcbError `database.toolFailed`.
 */
export async function runPsql({ program, endpoint, serverMajor, source, signal }: PsqlRun): Promise<void> {
  let sourceFailure: { readonly error: unknown } | undefined;
  // psql takes the end of its input for the end of the dump: when the source fails, it must be gone before that.
  const kill = new AbortController();
  const tool = startTool({
    program,
    args: ARGUMENTS,
    env: toolEnvironment(endpoint, loadSettings(serverMajor)),
    scrub: endpoint.scrub,
    signal: AbortSignal.any([signal, kill.signal]),
  });
  // The answers of `SELECT setval(…)`.
  tool.stdout.resume();
  async function* watched() {
    try {
      yield* source;
    } catch (error) {
      sourceFailure = { error };
      kill.abort();
      await tool.ended;
      throw error;
    }
  }
  const [fed] = await Promise.allSettled([pipeline(watched, tool.stdin)]);
  const end = await tool.ended;
  if (sourceFailure) throw sourceFailure.error;
  if (end.code !== 0) throw toolFailure('psql', end, endpoint);
  if (fed.status === 'rejected') throw fed.reason;
}
