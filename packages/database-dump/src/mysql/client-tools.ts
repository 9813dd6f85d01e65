import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { LcbError } from '@lcb/core';
import { toolOutput } from '../stream/tool.ts';
import { type Flavour, parseVersion, serverName } from './catalog/server.ts';

/** A dump program and a client of one kind and version. */
export interface ClientTools {
  readonly flavour: Flavour;
  /** What the dump program says of itself, in one line. */
  readonly version: string;
  /** Absolute paths of `mysqldump` (`mariadb-dump`) and `mysql` (`mariadb`). */
  readonly dump: string;
  readonly client: string;
}

/** Finds tools for a server of this kind: its own first, else the other kind's. Throws when there are none. */
export type FindClientTools = (flavour: Flavour) => Promise<ClientTools>;

/** Where packages put them that are not on the PATH. */
const PLACES = [
  '/usr/bin',
  '/usr/local/bin',
  '/usr/local/mysql/bin',
  '/opt/homebrew/opt/mysql-client/bin',
  '/opt/homebrew/opt/mariadb/bin',
];
const NAMES = [
  ['mariadb-dump', 'mariadb'],
  ['mysqldump', 'mysql'],
] as const;

/** Looks in `LCB_MYSQL_BIN`, then `PATH`, then the usual places. @throws LcbError `database.toolMissing` */
export async function findClientTools(flavour: Flavour): Promise<ClientTools> {
  const own = process.env.LCB_MYSQL_BIN;
  const folders = own ? [own] : [...(process.env.PATH ?? '').split(delimiter), ...PLACES];
  let other: ClientTools | undefined;
  for (const folder of new Set(folders.filter((name) => name.startsWith('/')))) {
    for (const [dumpName, clientName] of NAMES) {
      const [dump, client] = [join(folder, dumpName), join(folder, clientName)];
      if (!(await isProgram(dump)) || !(await isProgram(client))) continue;
      const version = await versionOf(dump);
      const found: ClientTools = {
        flavour: /mariadb/i.test(version) ? 'mariadb' : 'mysql',
        version,
        dump,
        client,
      };
      if (found.flavour === flavour) return found;
      other ??= found;
    }
  }
  if (other !== undefined) return other;
  throw new LcbError({
    code: 'database.toolMissing',
    message: `There is no mysqldump and mysql (or mariadb-dump and mariadb) on this machine. Install the client of ${serverName(flavour)}, or name its folder in LCB_MYSQL_BIN.`,
  });
}

/** @throws LcbError `database.toolTooOld`: MySQL's dump program does not know what a newer server has. */
export async function toolsForServer(
  find: FindClientTools,
  server: { readonly flavour: Flavour; readonly version: string; readonly major: number },
): Promise<ClientTools> {
  const tools = await find(server.flavour);
  if (tools.flavour === 'mariadb' || parseVersion(versionNumber(tools.version)).major >= server.major)
    return tools;
  throw new LcbError({
    code: 'database.toolTooOld',
    message: `The server is ${serverName(server.flavour)} ${server.version}, but the tools found (${tools.dump}) are of ${versionNumber(tools.version)}. Install the client of the server's version.`,
  });
}

/** `10.11.19-MariaDB` of `mariadb-dump  Ver 10.19 Distrib 10.11.19-MariaDB, for …`; `8.0.36` of `mysqldump  Ver 8.0.36 for …`. */
function versionNumber(version: string): string {
  return /(?:Distrib|from|Ver) (\d+\.\d+\.\d+(?:-MariaDB)?)/i.exec(version)?.[1] ?? version;
}

async function versionOf(program: string): Promise<string> {
  const { text, end } = await toolOutput({
    program,
    args: ['--no-defaults', '--version'],
    env: { LC_ALL: 'C' },
    scrub: (words) => words,
    signal: AbortSignal.timeout(30_000),
  });
  if (end.code === 0) return text.trim().replaceAll(/\s+/g, ' ');
  throw new LcbError({
    code: 'database.toolMissing',
    message: `${program} --version failed: ${end.lastLines.join('\n')}. Check the installation of the client.`,
  });
}

async function isProgram(path: string): Promise<boolean> {
  return await access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}
