import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { reachableHome } from '../binaries/reachable-home.ts';
import type { ServerBinaries } from '../binaries/server-binaries.ts';
import { EmbeddedPostgresError, systemErrorCode } from '../errors.ts';
import { freePort } from '../support/free-port.ts';
import { type OsAccount, serverAccount } from '../support/os-account.ts';
import { lastLines, runCommand } from '../support/run-command.ts';
import { waitUntil } from '../support/wait-until.ts';
import { dataFolderMajor, ensureDataFolder, serverEnvironment } from './data-folder.ts';
import { disownPostmasterFile } from './postmaster-file.ts';
import { type RunningServer, serverState } from './running-server.ts';
import { type Durability, serverOptions } from './settings.ts';

export interface StartOptions {
  /** Made on first use. Its parents too. */
  readonly dataDir: string;
  readonly binaries: ServerBinaries;
  /** On 127.0.0.1; a free one when left out. A server that runs already keeps its own. */
  readonly port?: number;
  /** `safe` when left out. */
  readonly durability?: Durability;
  /** More settings of `postgresql.conf`, such as `max_connections`. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** Recovery after a crash may take a while. */
const TIMEOUT_MS = 120_000;
/**
 * Starts the server of a data folder, or takes over the one that runs there; of two callers at the same time both get the same server.
 * It listens on 127.0.0.1 only and lives on when this process ends, however it ends.
 *
 * @throws EmbeddedPostgresError `postgres.dataFolderUnusable` (another major, not reachable, not a data folder),
 *   `postgres.binariesMissing`, or `postgres.startFailed` with the server's last words.
 */
export async function startServer(options: StartOptions): Promise<RunningServer> {
  const dataDir = resolve(options.dataDir);
  const account = await serverAccount(dataDir);
  const home = await reachableHome(options.binaries, account);
  await ensureDataFolder(dataDir, home, account);
  await assertSameMajor(dataDir, options.binaries.major);

  const server = await waitUntil(TIMEOUT_MS, async () => {
    const state = await serverState(dataDir);
    if (state.kind === 'running') return state.server;
    if (state.kind === 'starting') return undefined;
    if (state.leftBehind) await disownPostmasterFile(dataDir, state.leftBehind, account);
    await tryToStart(dataDir, home, account, options);
    return undefined;
  });
  if (server) return server;
  throw new EmbeddedPostgresError(
    'postgres.startFailed',
    `The PostgreSQL server of ${dataDir} did not answer within ${TIMEOUT_MS / 1000} s. Look at server.log there.`,
  );
}

/** One run of `pg_ctl start`. Comes back without an error when the server starts, or when a later try may succeed. */
async function tryToStart(
  dataDir: string,
  home: string,
  account: OsAccount | undefined,
  options: StartOptions,
): Promise<void> {
  const port = options.port ?? (await freePort());
  const log = join(dataDir, 'server.log');
  const before = (await readLog(log)).length;
  const settings = serverOptions(port, options.durability ?? 'safe', options.settings ?? {});
  const result = await runCommand(
    join(home, 'bin', 'pg_ctl'),
    ['start', '-w', '-t', String(TIMEOUT_MS / 1000), '-D', dataDir, '-l', log, '-o', settings],
    { account, env: serverEnvironment() },
  );
  if (result.exitCode === 0) return;
  // Another process may have been faster: then its server is the one.
  if ((await serverState(dataDir)).kind !== 'stopped') return;
  const words = (await readLog(log)).subarray(before).toString('utf8');
  if (words.includes('lock file "postmaster.pid" already exists')) return;
  // Workers of a crashed server notice within a moment, and end.
  if (words.includes('pre-existing shared memory block')) return;
  // The free port was taken by somebody else in the meantime.
  if (words.includes('Address already in use') && options.port === undefined) return;
  throw new EmbeddedPostgresError(
    'postgres.startFailed',
    `The PostgreSQL server of ${dataDir} did not start on port ${port}:\n${lastLines(words || result.output)}`,
  );
}

async function assertSameMajor(dataDir: string, major: number): Promise<void> {
  const found = await dataFolderMajor(dataDir);
  if (found === major) return;
  throw new EmbeddedPostgresError(
    'postgres.dataFolderUnusable',
    `${dataDir} was made by PostgreSQL ${found}, and PostgreSQL ${major} can't read it. Start it with the binaries of ${found}, or name another folder.`,
  );
}

async function readLog(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return Buffer.alloc(0);
    throw error;
  }
}
