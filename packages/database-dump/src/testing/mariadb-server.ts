import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '@lcb/embedded-postgres/testing';
import { makeDataFolder } from './mariadb/data-folder.ts';
import { findMariadb, type MariadbPrograms } from './mariadb/mariadb-programs.ts';
import { type ServerPlace, serverOptions } from './mariadb/server-options.ts';
import { endProcess, startProcess } from './mariadb/server-process.ts';

const ADMIN = 'admin';
const PORT_TRIES = 5;

/** A server in a temporary folder, gone with `remove`. It listens on 127.0.0.1 and on a socket in that folder. */
export interface MariadbServer {
  /** `mysql://admin:…@127.0.0.1:…`, of an account that may do everything and grant it, with the password; without a database. */
  readonly url: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly socket: string;
  readonly dataDir: string;
  /** Such as `10.11.19-MariaDB-0+deb12u1`. */
  readonly version: string;
  /** Stops it in order. */
  stop(): Promise<void>;
  /** As a crash does (SIGKILL): the next start recovers. */
  kill(): Promise<void>;
  /** Starts it again on the same data, port and socket. Does nothing while it runs. */
  start(): Promise<void>;
  /** Kills it and removes its folder. */
  remove(): Promise<void>;
}

/**
 * Starts a new MariaDB for a test file (about 0.2 s; a few seconds the first time on a machine).
 *
 * @param options.settings More server variables, such as `lower_case_table_names`.
 */
export async function throwawayMariadb(
  options: { readonly settings?: Readonly<Record<string, string>> } = {},
): Promise<MariadbServer> {
  const programs = await findMariadb();
  const settings = options.settings ?? {};
  const folder = await mkdtemp(join(tmpdir(), 'lcb-mariadb-'));
  try {
    const dataDir = join(folder, 'data');
    await makeDataFolder(programs, dataDir);
    const password = randomBytes(16).toString('hex');
    const initFile = join(folder, 'accounts.sql');
    await writeFile(initFile, accounts(password), { mode: 0o600 });
    const log = join(folder, 'server.log');
    const place = { dataDir, socket: join(folder, 'server.sock') };
    const first = await firstStart(programs, place, (at) => serverOptions(at, settings, initFile), log);
    await rm(initFile);
    return runningServer(programs, first, password, settings, folder, log);
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

interface Started {
  readonly child: ChildProcess;
  readonly place: ServerPlace;
}

/** On a free port: of another one, when somebody was faster to take it. */
async function firstStart(
  { mariadbd }: MariadbPrograms,
  where: Omit<ServerPlace, 'port'>,
  optionsAt: (place: ServerPlace) => string[],
  log: string,
): Promise<Started> {
  for (let tries = 1; ; tries++) {
    const place = { ...where, port: await freePort() };
    try {
      return { place, child: await startProcess(mariadbd, optionsAt(place), place.port, log) };
    } catch (error) {
      const isTaken = error instanceof Error && error.message.includes('Address already in use');
      if (!isTaken || tries === PORT_TRIES) throw error;
    }
  }
}

function runningServer(
  { mariadbd, version }: MariadbPrograms,
  { child: first, place }: Started,
  password: string,
  settings: Readonly<Record<string, string>>,
  folder: string,
  log: string,
): MariadbServer {
  let child: ChildProcess | undefined = first;
  const end = async (signal: 'SIGTERM' | 'SIGKILL') => {
    if (child) await endProcess(child, signal);
    child = undefined;
  };
  return {
    url: `mysql://${ADMIN}:${password}@127.0.0.1:${place.port}`,
    ...place,
    user: ADMIN,
    password,
    version,
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
    start: async () => {
      child ??= await startProcess(mariadbd, serverOptions(place, settings, undefined), place.port, log);
    },
    remove: async () => {
      await end('SIGKILL');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** One statement a line, as an init file wants it. The account that the template has, without a password, is gone. */
function accounts(password: string): string {
  return [
    `CREATE USER '${ADMIN}'@'%' IDENTIFIED BY '${password}';`,
    `GRANT ALL ON *.* TO '${ADMIN}'@'%' WITH GRANT OPTION;`,
    `DROP USER 'root'@'localhost';`,
    '',
  ].join('\n');
}
