import { dirname, join } from 'node:path';
import { type DumpArchiveRequest, LcbError } from '@lcb/core';
import { startTool } from '../../stream/tool.ts';
import { readServerVersion } from '../catalog/database-facts.ts';
import { type FindClientTools, toolsForServer } from '../client-tools.ts';
import { parseEndpoint } from '../connection/endpoint.ts';
import { withMaintenance } from '../load/maintenance.ts';

/**
 * The SQL that is in an archive of `pg_dump`. The tool gets the file and nothing else: no connection, no password. What it
 * says is as hostile as any other dump.
 */
export async function* readDumpArchive(
  { connection, path, signal }: DumpArchiveRequest,
  clientTools: FindClientTools,
): AsyncGenerator<Uint8Array> {
  const endpoint = parseEndpoint(connection);
  const { major } = await withMaintenance(endpoint, readServerVersion);
  const { psql } = await toolsForServer(clientTools, major);
  const program = join(dirname(psql), 'pg_restore');
  const tool = startTool({
    program,
    args: ['--file=-', '--no-owner', '--no-privileges', path],
    env: { LC_ALL: 'C', PATH: process.env.PATH ?? '' },
    scrub: (text) => text,
    signal,
  });
  tool.stdin.end();
  try {
    for await (const chunk of tool.stdout) yield chunk;
  } finally {
    tool.stdout.destroy();
  }
  const { code, signal: killedBy, lastLines } = await tool.ended;
  if (code === 0) return;
  signal.throwIfAborted();
  throw new LcbError({
    code: 'database.dumpUnreadable',
    message: `pg_restore can't read the dump (${killedBy ?? `exit code ${code}`}): ${lastLines.join('\n')} Transfer it again, or make SQL of it where it comes from: pg_restore --file=dump.sql.`,
  });
}
