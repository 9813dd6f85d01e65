import { LcbError } from '@lcb/core';
import { toolOutput } from '../stream/tool.ts';
import type { Endpoint } from './connection/endpoint.ts';
import { toolEnvironment } from './connection/tool-environment.ts';

/** PostgreSQL's own programs, all of one version. */
export interface ClientTools {
  /** Such as `15.18`. */
  readonly version: string;
  readonly major: number;
  /** Absolute paths. */
  readonly pgDump: string;
  readonly psql: string;
}

/** Finds tools fit for a server: of its own major, or newer ones known to work with it. Throws when there are none. */
export type FindClientTools = (serverMajor: number) => Promise<ClientTools>;

/** @throws LcbError `database.toolTooOld`: `pg_dump` refuses servers that are newer than itself. */
export async function toolsForServer(find: FindClientTools, serverMajor: number): Promise<ClientTools> {
  const tools = await find(serverMajor);
  if (tools.major >= serverMajor) return tools;
  throw new LcbError({
    code: 'database.toolTooOld',
    message: `The server is PostgreSQL ${serverMajor}, but the tools found (${tools.pgDump}) are of ${tools.version}. Install the PostgreSQL client ${serverMajor}.`,
  });
}

/** What a tool says of itself: `pg_dump (PostgreSQL) 15.18 (Debian …)`. */
export async function toolVersion(program: string, endpoint: Endpoint, signal: AbortSignal): Promise<string> {
  const env = toolEnvironment(endpoint);
  const { text, end } = await toolOutput({
    program,
    args: ['--version'],
    env,
    scrub: endpoint.scrub,
    signal,
  });
  if (end.code === 0) return text.trim();
  throw new LcbError({
    code: 'database.toolMissing',
    message: `${program} --version failed: ${end.lastLines.join('\n')}. Check the installation of the PostgreSQL client.`,
  });
}
