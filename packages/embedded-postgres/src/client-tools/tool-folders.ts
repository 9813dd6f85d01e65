import { readdir } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { systemErrorCode } from '../errors.ts';
import { cacheFolder } from '../support/cache-folder.ts';
import { WHEELS } from './wheels.ts';

/** Where packages of PostgreSQL put their programs: `parent`/<a folder that `name` fits>/`bin`. */
const PACKAGE_FOLDERS = [
  { parent: '/usr/lib/postgresql', name: /^\d+$/ },
  { parent: '/usr', name: /^pgsql-\d+$/ },
  { parent: '/opt/homebrew/opt', name: /^(postgresql(@\d+)?|libpq)$/ },
  { parent: '/usr/local/opt', name: /^(postgresql(@\d+)?|libpq)$/ },
];

/** The folder that a person chose by `LCB_PG_BIN`, if any. */
export function chosenFolder(): string | undefined {
  return process.env.LCB_PG_BIN || undefined;
}

/** Every folder to look for client tools in, first choice first, without `LCB_PG_BIN`. */
export async function toolFolders(): Promise<string[]> {
  const path = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder.startsWith('/'));
  const packages = await Promise.all(
    PACKAGE_FOLDERS.map(async ({ parent, name }) =>
      (await namesIn(parent)).filter((entry) => name.test(entry)).map((entry) => join(parent, entry, 'bin')),
    ),
  );
  const cached = WHEELS.map((wheel) => join(wheelFolder(wheel), wheel.binFolder));
  return [...new Set([...path, ...packages.flat(), ...cached])];
}

/** The folder of the cache that holds an unpacked wheel. */
export function wheelFolder(wheel: { readonly project: string; readonly version: string }): string {
  return cacheFolder(
    'postgres-client',
    `${wheel.project}-${wheel.version}-${process.platform}-${process.arch}`,
  );
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).sort();
  } catch (error) {
    if (['ENOENT', 'EACCES', 'ENOTDIR'].includes(systemErrorCode(error) ?? '')) return [];
    throw error;
  }
}
