import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { environmentWith } from './environment.mjs';
import { withLock } from './lock.mjs';
import { ensurePnpm } from './pnpm.mjs';
import { REPOSITORY } from './repository.mjs';
import { runQuietly } from './run-quietly.mjs';
import { say } from './say.mjs';

/** Says from what the packages were installed last. Inside `node_modules`, so that it goes when they go. */
const STAMP = join(REPOSITORY, 'node_modules', '.setup-stamp');

/**
 * Installs the packages of the lockfile when it, or a `package.json` of the workspace, has changed since the last time.
 *
 * @param {string} node Path of Node.
 */
export async function ensurePackages(node) {
  if (isUpToDate()) return;
  await withLock(async () => {
    if (isUpToDate()) return;
    const wanted = fingerprint();
    const pnpm = await ensurePnpm(node);
    say('installing packages from the lockfile');
    await runQuietly(node, [pnpm, 'install', '--frozen-lockfile'], {
      cwd: REPOSITORY,
      // CI: without a terminal pnpm must not ask before it replaces a folder.
      env: { ...environmentWith(node), CI: 'true' },
    });
    writeFileSync(STAMP, wanted);
  });
}

function isUpToDate() {
  return existsSync(STAMP) && readFileSync(STAMP, 'utf8') === fingerprint();
}

/** A hash over everything that pnpm reads. */
function fingerprint() {
  const hash = createHash('sha256').update(`${process.platform} ${process.arch}\n`);
  for (const file of ['pnpm-lock.yaml', 'pnpm-workspace.yaml', 'package.json', ...workspaceManifests()]) {
    hash.update(`${file}\n`).update(readFileSync(join(REPOSITORY, file)));
  }
  return hash.digest('hex');
}

/** The `package.json` files of the workspace's members: `packages:` in pnpm-workspace.yaml, where an entry is a folder or ends in `/*`. */
function workspaceManifests() {
  const yaml = readFileSync(join(REPOSITORY, 'pnpm-workspace.yaml'), 'utf8');
  const list = /^packages:\n((?:[ \t]+-.*\n)*)/m.exec(yaml)?.[1] ?? '';
  return [...list.matchAll(/-\s*['"]?([^'"\s]+)/g)]
    .flatMap(([, entry = '']) => (entry.endsWith('/*') ? foldersIn(entry.slice(0, -2)) : [entry]))
    .map((folder) => `${folder}/package.json`)
    .filter((file) => existsSync(join(REPOSITORY, file)))
    .sort();
}

/** @param {string} folder */
function foldersIn(folder) {
  const path = join(REPOSITORY, folder);
  return existsSync(path) ? readdirSync(path).map((name) => `${folder}/${name}`) : [];
}
