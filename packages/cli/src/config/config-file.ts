import { readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { UsageError } from '../usage-error.ts';

export const configName = 'lcb.yaml';

/** Where the configuration may be named, beside the folder that the command is called in. */
export interface ConfigPlaces {
  /** `-c`, `--config` */
  readonly option?: string | undefined;
  /** `LCB_CONFIG` */
  readonly variable?: string | undefined;
  readonly workingDirectory: string;
}

/** The file that counts: the named one, or the first lcb.yaml in this folder or one above. Absolute. */
export function findConfig({ option, variable, workingDirectory }: ConfigPlaces): string {
  if (option !== undefined) return existing(resolve(workingDirectory, option), '--config');
  if (variable !== undefined && variable !== '')
    return existing(resolve(workingDirectory, variable), 'LCB_CONFIG');
  for (let folder = workingDirectory; ; folder = dirname(folder)) {
    const path = join(folder, configName);
    if (isFile(path)) return path;
    if (folder === dirname(folder)) break;
  }
  throw new UsageError(
    `There is no ${configName} in ${workingDirectory} or in a folder above it. Write one (\`lcb --help\` shows how it begins), or name it with --config or LCB_CONFIG.`,
    'config.notFound',
  );
}

export function readConfig(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new UsageError(
      `${path} can't be read: ${error instanceof Error ? error.message : error}.`,
      'config.unreadable',
    );
  }
}

function existing(path: string, namedBy: string): string {
  if (isFile(path)) return path;
  throw new UsageError(`${path}, which ${namedBy} names, is not a file.`, 'config.notFound');
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}
