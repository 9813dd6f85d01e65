import { randomBytes } from 'node:crypto';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { REPOSITORY, TOOLS } from './repository.mjs';
import { runQuietly } from './run-quietly.mjs';

/**
 * Installs one npm package into `.tools/<name>`, in place of what was there. A tool that is half-installed is never seen:
 * it is installed beside and renamed. To be called by the holder of the lock.
 *
 * @param {string} name Name of the package and of the folder.
 * @param {string} version Exact.
 * @param {(folder: string) => Promise<void>} check Rejects when the installed tool does not run.
 */
export async function installTool(name, version, check) {
  const partial = join(TOOLS, `${name}.partial-${randomBytes(4).toString('hex')}`);
  const target = join(TOOLS, name);
  try {
    await mkdir(partial, { recursive: true });
    await runQuietly(
      'npm',
      // The level is named because `npm start --silent` would silence this npm's errors too.
      [
        'install',
        '--prefix',
        partial,
        '--no-audit',
        '--no-fund',
        '--save-exact',
        '--loglevel',
        'warn',
        `${name}@${version}`,
      ],
      { cwd: partial },
    );
    await check(partial);
    await rm(target, { recursive: true, force: true });
    await rename(partial, target);
  } catch (error) {
    throw new Error(
      `${name} ${version} could not be installed in ${REPOSITORY}/.tools: ${error instanceof Error ? error.message : error}`,
    );
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
}
