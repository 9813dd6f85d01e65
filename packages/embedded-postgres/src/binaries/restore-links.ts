import { access, readFile, symlink } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { systemErrorCode } from '../errors.ts';

/**
 * Makes the symbolic links between the server's libraries that npm can't carry; the package lists them in `pg-symlinks.json`.
 * Its own install script does the same, but package managers may be told to run no scripts. Links that exist stay.
 */
export async function restoreLinks(home: string): Promise<void> {
  const packageFolder = dirname(home);
  for (const { source, target } of await readLinks(join(home, 'pg-symlinks.json'))) {
    const link = join(packageFolder, target);
    if (await exists(link)) continue;
    try {
      await symlink(relative(dirname(target), source), link);
    } catch (error) {
      // Another process was faster.
      if (systemErrorCode(error) !== 'EEXIST') throw error;
    }
  }
}

interface Link {
  /** The file that is there, relative to the package's folder. */
  readonly source: string;
  /** The name that is to lead to it. */
  readonly target: string;
}

async function readLinks(file: string): Promise<Link[]> {
  if (!(await exists(file))) return [];
  const list: unknown = JSON.parse(await readFile(file, 'utf8'));
  if (Array.isArray(list) && list.every(isLink)) return list;
  throw new Error(`${basename(file)} in ${dirname(file)} is not a list of links: reinstall the package.`);
}

function isLink(value: unknown): value is Link {
  return (
    typeof value === 'object' &&
    value !== null &&
    'source' in value &&
    'target' in value &&
    typeof value.source === 'string' &&
    typeof value.target === 'string'
  );
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return false;
    throw error;
  }
}
