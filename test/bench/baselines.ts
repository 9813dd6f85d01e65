import { fileURLToPath } from 'node:url';
import { connectionOf } from './database.ts';
import type { Lab } from './lab.ts';
import { runScript } from './measurement/run-script.ts';

/** What a person would type instead, measured beside the service in the same round. */
export interface Baseline {
  readonly name: string;
  /** Programs without which it can't be measured here. */
  readonly programs: readonly string[];
  /** For bash. */
  readonly script: string;
  readonly env: Readonly<Record<string, string>>;
}

/** The tools that exist on this machine; without bash, none. */
export async function present(baselines: readonly Baseline[]): Promise<readonly Baseline[]> {
  const lacking = await Promise.all(baselines.map(({ programs }) => missing(programs)));
  return baselines.filter((_, index) => lacking[index]?.length === 0);
}

/** Copy a folder to `TO`, where nothing is. */
export function copies(from: string): readonly Baseline[] {
  const env = { FROM: from };
  const durable = {
    name: 'cp -a, then fsync of each file',
    programs: ['cp', 'sync', 'find', 'xargs'],
    env,
    script: 'cp -a "$FROM" "$TO"; find "$TO" -print0 | xargs -0 sync',
  };
  return [
    { name: 'cp -a', programs: ['cp'], env, script: 'cp -a "$FROM" "$TO"' },
    // Only there does sync(1) take the names of files.
    ...(process.platform === 'linux' ? [durable] : []),
    { name: 'rsync -a', programs: ['rsync'], env, script: 'rsync -a "$FROM/" "$TO"' },
  ];
}

/** Dump the database to the file `TO`. */
export function dumps({ source, tools }: Lab): readonly Baseline[] {
  const env = {
    ...connectionOf(source.databaseUrl),
    PG_DUMP: tools.pgDump,
    NODE: process.execPath,
    COMPRESS: fileURLToPath(new URL('compress-main.ts', import.meta.url)),
  };
  const dump = '"$PG_DUMP" --no-owner --no-privileges';
  // Where there is no zstd, Node's own does the same.
  const zstd = '{ command -v zstd > /dev/null && exec zstd -3 -q; exec "$NODE" "$COMPRESS"; }';
  return [
    { name: 'pg_dump to zstd -3', programs: [], env, script: `${dump} | ${zstd} > "$TO"` },
    { name: 'pg_dump to gzip', programs: ['gzip'], env, script: `${dump} | gzip > "$TO"` },
  ];
}

/** Load the plain dump into the empty database that libpq's variables name. */
export function loads({ tools, plainDump }: Lab): readonly Baseline[] {
  const env = { PSQL: tools.psql, DUMP: plainDump };
  const script = '"$PSQL" --no-psqlrc --quiet --set=ON_ERROR_STOP=1 < "$DUMP"';
  return [{ name: 'psql < dump.sql', programs: [], env, script }];
}

/** Read every file of a folder. */
export function hashes(folder: string): readonly Baseline[] {
  const script = 'find "$FROM" -type f -print0 | xargs -0 sha256sum';
  return [{ name: 'sha256sum', programs: ['sha256sum', 'find', 'xargs'], env: { FROM: folder }, script }];
}

/** Those of the programs that are not on this machine; without bash, all of them. */
export async function missing(programs: readonly string[]): Promise<readonly string[]> {
  const found = await Promise.all(['true', ...programs].map(isFound));
  return found[0] ? programs.filter((_, index) => !found[index + 1]) : ['bash', ...programs];
}

async function isFound(program: string): Promise<boolean> {
  try {
    await runScript('command -v "$PROGRAM"', { PROGRAM: program });
    return true;
  } catch {
    return false;
  }
}
