import { realpath } from 'node:fs/promises';
import { EmbeddedPostgresError, systemErrorCode } from '../errors.ts';
import { isPostgres } from '../support/processes.ts';
import { waitUntil } from '../support/wait-until.ts';
import { askServer, connectionUrl } from './connection.ts';
import { dataFolderMajor, readPassword } from './data-folder.ts';
import { readPostmasterFile } from './postmaster-file.ts';

/** `fast` ends open transactions and writes everything to disk; `immediate` is a crash on purpose: the next start recovers. */
export type StopMode = 'fast' | 'immediate';

const STOP_SIGNALS = { fast: 'SIGINT', immediate: 'SIGQUIT' } as const;
const STOP_TIMEOUT_MS = 60_000;

/** A server that answers. It lives on when this process ends: stop it, or find it again with `startServer`. */
export interface RunningServer {
  /** Superuser's connection string to the database `postgres`, `postgres://…`, with the password in it. */
  readonly url: string;
  /** On 127.0.0.1. */
  readonly port: number;
  readonly dataDir: string;
  readonly major: number;
  stop(mode?: StopMode): Promise<void>;
}

/** `starting` is said of a server that stops as well: its process lives but does not answer. `leftBehind` is the process number of a crashed one. */
export type ServerState =
  | { readonly kind: 'running'; readonly server: RunningServer }
  | { readonly kind: 'starting' }
  | { readonly kind: 'stopped'; readonly leftBehind?: number };

/**
 * How the server of a data folder is doing, by its `postmaster.pid`, its process and its answer.
 *
 * @throws EmbeddedPostgresError `postgres.startFailed` when it runs but refuses the password.
 */
export async function serverState(dataDir: string): Promise<ServerState> {
  const file = await readPostmasterFile(dataDir);
  if (!file) return { kind: 'stopped' };
  if (!(await isPostgres(file.pid))) return { kind: 'stopped', leftBehind: file.pid };
  if (!file.port) return { kind: 'starting' };
  const password = await readPassword(dataDir);
  const answer = await askServer(file.port, password);
  if (answer.kind === 'refused') {
    throw new EmbeddedPostgresError(
      'postgres.startFailed',
      `The PostgreSQL server of ${dataDir} runs (process ${file.pid}, port ${file.port}) but does not let us in: ${answer.error.message}`,
      answer.error,
    );
  }
  if (answer.kind !== 'folder' || answer.dataDir !== (await realpath(dataDir))) return { kind: 'starting' };
  return {
    kind: 'running',
    server: runningServer(dataDir, file.port, password, await dataFolderMajor(dataDir)),
  };
}

function runningServer(dataDir: string, port: number, password: string, major = 0): RunningServer {
  const stop = (mode?: StopMode) => stopServer(dataDir, mode);
  return { url: connectionUrl(port, password), port, dataDir, major, stop };
}

/**
 * Stops the server of a data folder and waits until its process has ended. Does nothing when none runs.
 *
 * @throws EmbeddedPostgresError `postgres.stopFailed` when it still runs after a minute.
 */
export async function stopServer(dataDir: string, mode: StopMode = 'fast'): Promise<void> {
  const file = await readPostmasterFile(dataDir);
  if (!file || !(await isPostgres(file.pid))) return;
  try {
    process.kill(file.pid, STOP_SIGNALS[mode]);
  } catch (error) {
    if (systemErrorCode(error) === 'ESRCH') return;
    throw error;
  }
  const stopped = await waitUntil(STOP_TIMEOUT_MS, async () => !(await isPostgres(file.pid)));
  if (stopped) return;
  throw new EmbeddedPostgresError(
    'postgres.stopFailed',
    `The PostgreSQL server of ${dataDir} (process ${file.pid}) did not stop within ${STOP_TIMEOUT_MS / 1000} s. Look at ${dataDir}/server.log, or stop it with mode "immediate".`,
  );
}
