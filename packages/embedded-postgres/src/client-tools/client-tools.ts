import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { systemErrorCode } from '../errors.ts';
import { runCommand } from '../support/run-command.ts';

/** `pg_dump` and `psql` of one version, from one folder. */
export interface ClientTools {
  readonly major: number;
  /** As `pg_dump` says it, such as `15.18`. */
  readonly version: string;
  readonly pgDump: string;
  readonly psql: string;
}

/** Client tools, and whether they are scripts that pass the call on, as Debian's `/usr/bin/pg_dump` does, to a version of their own choice. */
export interface FoundTools extends ClientTools {
  readonly isWrapper: boolean;
}

/** The client tools in a folder; undefined when `pg_dump` or `psql` is missing or does not run there. */
export async function toolsInFolder(folder: string): Promise<FoundTools | undefined> {
  const pgDump = join(folder, 'pg_dump');
  const psql = join(folder, 'psql');
  const [dumpStart, psqlStart] = await Promise.all([firstBytes(pgDump), firstBytes(psql)]);
  if (dumpStart === undefined || psqlStart === undefined) return undefined;
  const [dumpVersion, psqlVersion] = await Promise.all([versionOf(pgDump), versionOf(psql)]);
  if (!dumpVersion || dumpVersion !== psqlVersion) return undefined;
  return {
    major: Number.parseInt(dumpVersion, 10),
    version: dumpVersion,
    pgDump,
    psql,
    isWrapper: dumpStart === '#!' || psqlStart === '#!',
  };
}

async function firstBytes(file: string): Promise<string | undefined> {
  try {
    await using handle = await open(file);
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(2), 0, 2, 0);
    return buffer.toString('latin1', 0, bytesRead);
  } catch (error) {
    const code = systemErrorCode(error) ?? '';
    if (['ENOENT', 'ENOTDIR', 'EACCES', 'EISDIR'].includes(code)) return undefined;
    throw error;
  }
}

async function versionOf(program: string): Promise<string | undefined> {
  const { exitCode, stdout } = await runCommand(program, ['--version']);
  return exitCode === 0 ? /\(PostgreSQL\) (\d+(?:\.\d+)?)/.exec(stdout)?.[1] : undefined;
}
