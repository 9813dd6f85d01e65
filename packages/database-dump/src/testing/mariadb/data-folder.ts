import { execFile } from 'node:child_process';
import { constants, cp } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cacheFolder, fillOnce } from '@lcb/embedded-postgres/testing';
import type { MariadbPrograms } from './mariadb-programs.ts';

/** Small: a start has to write it, and a crash to read it. */
export const LOG_FILE_SIZE = '--innodb-log-file-size=8M';

/** The server refuses to run as root unless it is told so. */
export const AS_ROOT = process.getuid?.() === 0 ? ['--user=root'] : [];

/** Makes a new data folder: a copy of a template in the cache, which is made once per version (that takes seconds). */
export async function makeDataFolder(programs: MariadbPrograms, dataDir: string): Promise<void> {
  const template = cacheFolder('mariadb-template', `${programs.version}-${process.getuid?.() ?? 0}`);
  await fillOnce(template, (partial) => initialise(programs, join(partial, 'data')));
  await cp(join(template, 'data'), dataDir, { recursive: true, mode: constants.COPYFILE_FICLONE });
}

async function initialise({ installDb }: MariadbPrograms, dataDir: string): Promise<void> {
  const options = [`--datadir=${dataDir}`, '--auth-root-authentication-method=normal', '--skip-test-db'];
  await promisify(execFile)(installDb, [
    '--no-defaults',
    ...AS_ROOT,
    ...options,
    '--skip-log-bin',
    LOG_FILE_SIZE,
  ]);
}
