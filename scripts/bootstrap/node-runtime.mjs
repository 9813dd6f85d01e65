import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { withLock } from './lock.mjs';
import { installTool } from './npm-tool.mjs';
import { TOOLS } from './repository.mjs';
import { runQuietly } from './run-quietly.mjs';
import { say } from './say.mjs';

const VERSION = '24.9.0';
const NEEDED_MAJOR = 24;

/**
 * The path of a Node that runs TypeScript: the one that runs this, when it is new enough, else one from npm in `.tools/node`.
 *
 * @returns {Promise<string>}
 */
export async function ensureNode() {
  if (Number.parseInt(process.versions.node, 10) >= NEEDED_MAJOR) return process.execPath;
  const folder = join(TOOLS, 'node');
  if (!isInstalled(folder)) {
    await withLock(async () => {
      if (isInstalled(folder)) return;
      say(`installing Node ${VERSION} into .tools/node (this machine's is ${process.version})`);
      await installTool('node', VERSION, check);
    });
  }
  return binary(folder);
}

/** @param {string} folder */
const packageFolder = (folder) => join(folder, 'node_modules', 'node');

/** @param {string} folder */
const binary = (folder) => join(packageFolder(folder), 'bin', 'node');

/** @param {string} folder */
function isInstalled(folder) {
  const manifest = join(packageFolder(folder), 'package.json');
  return (
    existsSync(manifest) &&
    existsSync(binary(folder)) &&
    JSON.parse(readFileSync(manifest, 'utf8')).version === VERSION
  );
}

/**
 * The package fetches the program by a script when it is installed, which npm may have been told not to run: then run it here.
 *
 * @param {string} folder
 */
async function check(folder) {
  if (!existsSync(binary(folder))) {
    await runQuietly(process.execPath, ['installArchSpecificPackage.js'], { cwd: packageFolder(folder) });
  }
  try {
    await runQuietly(binary(folder), ['--version'], { cwd: folder });
  } catch (error) {
    throw new Error(
      `It does not run on this machine; install Node ${NEEDED_MAJOR} or newer yourself. ${error instanceof Error ? error.message : error}`,
    );
  }
}
