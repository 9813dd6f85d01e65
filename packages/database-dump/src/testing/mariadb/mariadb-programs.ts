import { execFile } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

/** Where a server's programs lie on this machine, and which version they are. */
export interface MariadbPrograms {
  readonly mariadbd: string;
  readonly installDb: string;
  /** Such as `10.11.19-MariaDB-0+deb12u1`. */
  readonly version: string;
}

/** Not on everybody's PATH: system programs of Debian, of others, and of Homebrew. */
const MORE_FOLDERS = ['/usr/sbin', '/usr/local/sbin', '/usr/libexec', '/opt/homebrew/opt/mariadb/bin'];

/**
 * Finds MariaDB's server. For `requireOrSkip`.
 *
 * @throws Error that says how to install it.
 */
export async function findMariadb(): Promise<MariadbPrograms> {
  const [mariadbd, installDb] = await Promise.all([
    findProgram('mariadbd'),
    findProgram('mariadb-install-db'),
  ]);
  if (!mariadbd || !installDb) {
    throw new Error('No mariadbd on this machine. Install MariaDB: apt-get install mariadb-server');
  }
  const { stdout } = await promisify(execFile)(mariadbd, ['--no-defaults', '--version']);
  const version = /Ver (\S+)/.exec(stdout)?.[1];
  if (!version) throw new Error(`${mariadbd} --version says no version: ${stdout}`);
  return { mariadbd, installDb, version };
}

/** The path of a program that may be run; undefined when there is none. */
export async function findProgram(name: string): Promise<string | undefined> {
  for (const folder of [...(process.env.PATH ?? '').split(delimiter), ...MORE_FOLDERS]) {
    const path = join(folder, name);
    const found = folder !== '' && (await access(path, constants.X_OK).then(yes, no));
    if (found) return path;
  }
  return undefined;
}

const yes = () => true;
const no = () => false;
