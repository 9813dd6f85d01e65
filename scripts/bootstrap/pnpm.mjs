import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { installTool } from './npm-tool.mjs';
import { TOOLS } from './repository.mjs';
import { runQuietly } from './run-quietly.mjs';
import { say } from './say.mjs';

const VERSION = '12.21.0';

/**
 * The file that a Node has to run to run pnpm. To be called by the holder of the lock.
 *
 * @param {string} node Path of Node.
 * @returns {Promise<string>}
 */
export async function ensurePnpm(node) {
  const folder = join(TOOLS, 'pnpm');
  if (!isInstalled(folder)) {
    say(`installing pnpm ${VERSION} into .tools/pnpm`);
    await installTool('pnpm', VERSION, (partial) =>
      runQuietly(node, [entry(partial), '--version'], { cwd: partial }),
    );
  }
  return entry(folder);
}

/**
 * This entry works whether npm ran the package's install script or not; the command `pnpm` itself does not.
 *
 * @param {string} folder
 */
const entry = (folder) => join(folder, 'node_modules', 'pnpm', 'bin', 'pnpm.mjs');

/** @param {string} folder */
function isInstalled(folder) {
  const manifest = join(folder, 'node_modules', 'pnpm', 'package.json');
  return (
    existsSync(manifest) &&
    existsSync(entry(folder)) &&
    JSON.parse(readFileSync(manifest, 'utf8')).version === VERSION
  );
}
