import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/**
 * Where large downloads are kept between runs, one folder per exact version:
 * `LCB_CACHE_DIR`, else `liferay-cloud-backup` in `XDG_CACHE_HOME` (`~/.cache`).
 */
export function cacheFolder(...parts: readonly string[]): string {
  const root =
    process.env.LCB_CACHE_DIR ||
    join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'liferay-cloud-backup');
  return join(resolve(root), ...parts);
}
