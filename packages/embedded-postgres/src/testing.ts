import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'vitest';
import { type ServerBinaries, serverBinaries } from './binaries/server-binaries.ts';
import { messageOf } from './errors.ts';
import { type RunningServer, stopServer } from './server/running-server.ts';
import { startServer } from './server/start-server.ts';

export { cacheFolder } from './support/cache-folder.ts';
export { fillOnce } from './support/fill-once.ts';
export { freePort } from './support/free-port.ts';
export { waitUntil } from './support/wait-until.ts';

/** Declares a suite: vitest's `describe`, or one that skips it or fails. */
export type DeclareSuite = (title: string, body: () => void) => void;

/**
 * For suites that need something which a machine may lack (a server, a tool): use what it returns in place of `describe`.
 *
 *     const withTools = await requireOrSkip('pg_dump 15', () => toolsFor(15));
 *     withTools('dump and load', () => { … });
 *
 * When `check` throws, the suite is skipped under a title that says so and why, and `npm test` lists it at its end;
 * with `CI=true` it fails instead.
 *
 * @param name What is needed, for a reader of the report.
 * @param check Throws an error that says what to do when it is missing.
 */
export async function requireOrSkip(name: string, check: () => Promise<unknown>): Promise<DeclareSuite> {
  try {
    await check();
    return (title, body) => describe(title, body);
  } catch (error) {
    const reason = `${name} is missing: ${messageOf(error).replaceAll('\n', ' ')}`;
    if (process.env.CI !== 'true') {
      return (title, body) => describe.skip(`${title} [skipped: ${reason}]`, body);
    }
    return (title) =>
      describe(title, () => {
        it('has what it needs', () => {
          throw new Error(`${reason} With CI=true every suite has to run.`);
        });
      });
  }
}

/** A server in a temporary folder, gone with `remove`. Fast, and safe against nothing. */
export interface ThrowawayServer extends RunningServer {
  /** Stops the server at once and removes its folder. */
  remove(): Promise<void>;
}

/**
 * Starts a new server for a test file (about 2 s).
 *
 * @param options.binaries PostgreSQL 18 when left out.
 * @param options.settings More settings of `postgresql.conf`.
 */
export async function throwawayServer(
  options: { readonly binaries?: ServerBinaries; readonly settings?: Readonly<Record<string, string>> } = {},
): Promise<ThrowawayServer> {
  const folder = await serverFolder();
  const dataDir = join(folder, 'data');
  const remove = async () => {
    await stopServer(dataDir, 'immediate');
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const binaries = options.binaries ?? (await serverBinaries());
    const server = await startServer({ ...options, dataDir, binaries, durability: 'throwaway' });
    return { ...server, remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** A new folder below the system's temporary one that the server's account can enter, also when this process is root. */
export async function serverFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'lcb-postgres-'));
  await chmod(folder, 0o755);
  return folder;
}
