import { LcbError } from '@lcb/core';
import { z } from 'zod';
import type { Session } from '../connection/session.ts';

export type Flavour = 'mysql' | 'mariadb';

export interface Server {
  readonly flavour: Flavour;
  /** Such as `8.0.36` or `10.11.6-MariaDB`. */
  readonly version: string;
  readonly major: number;
  readonly minor: number;
  /** `lower_case_table_names`: 0 keeps and heeds case, 1 stores lower case, 2 keeps it and does not heed it. */
  readonly heedsCase: boolean;
}

/** @throws LcbError `database.serverUnsupported` */
export async function readServer(session: Session): Promise<Server> {
  const row = z.object({ version: z.string(), lowerCase: z.coerce.number() });
  const found = await session.one(row, 'SELECT VERSION() AS version, @@lower_case_table_names AS lowerCase');
  const flavour: Flavour = /mariadb/i.test(found.version) ? 'mariadb' : 'mysql';
  const { major, minor } = parseVersion(found.version);
  if (major < (flavour === 'mariadb' ? 10 : 8)) {
    throw new LcbError({
      code: 'database.serverUnsupported',
      message: `The server is ${serverName(flavour)} ${found.version}; MySQL 8 or MariaDB 10.5, or newer, is needed. Upgrade the server.`,
    });
  }
  // `10.11.19-MariaDB-0+deb12u1-log`: what the packager added says nothing.
  const version = /^[\d.]+(?:-MariaDB)?/i.exec(found.version)?.[0] ?? found.version;
  return { flavour, version, major, minor, heedsCase: found.lowerCase === 0 };
}

export function serverName(flavour: Flavour): 'MySQL' | 'MariaDB' {
  return flavour === 'mariadb' ? 'MariaDB' : 'MySQL';
}

export function parseVersion(text: string): { readonly major: number; readonly minor: number } {
  const [, major = '0', minor = '0'] = /(\d+)(?:\.(\d+))?/.exec(text) ?? [];
  return { major: Number(major), minor: Number(minor) };
}

/** No limit of the server's on how long a statement may take: a count of a large table takes minutes. */
export async function liftTimeLimits(session: Session, { flavour }: Server): Promise<void> {
  const setting = flavour === 'mariadb' ? 'max_statement_time' : 'max_execution_time';
  await session.run(`SET SESSION ${setting} = 0`);
}
