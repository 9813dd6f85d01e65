import type { DatabaseDump } from '@lcb/core';
import { startTool, type ToolCommand } from '../../stream/tool.ts';
import { quoteIdentifier, quoteName } from '../catalog/quote.ts';
import type { Endpoint } from '../connection/endpoint.ts';
import { keepAliveArgument, toolEnvironment } from '../connection/tool-environment.ts';
import type { DumpInspector } from '../inspector/dump-inspector.ts';
import { toolFailure } from '../tool-failure.ts';

/** Which part of a dump: definitions, rows and large objects, or what is defined once they are there. */
export type DumpSection = 'preData' | 'data' | 'postData';

const sectionArguments: Readonly<Record<DumpSection, string>> = {
  preData: '--section=pre-data',
  data: '--section=data',
  postData: '--section=post-data',
};

/**
 * The dump's options. Left out on purpose: any selection of schemas or tables by `-n` and `-t`, since that would silently leave
 * large objects out; `--create`, since the dump must load into a database of any name; `--clean`, since a target is
 * empty; `--inserts`, since COPY is several times faster.
 */
function pgDumpArguments({ snapshotId, lockWait, leftOut, section }: PgDump): string[] {
  return [
    '--format=plain',
    ...(section === undefined ? [] : [sectionArguments[section]]),
    '--encoding=UTF8',
    `--snapshot=${snapshotId}`,
    `--lock-wait-timeout=${lockWait}`,
    // What names roles, disks or other servers of the source would break a restore elsewhere.
    '--no-owner',
    '--no-privileges',
    '--no-tablespaces',
    '--no-publications',
    '--no-subscriptions',
    '--no-security-labels',
    '--no-password',
    '--no-sync',
    // Exact names in double quotes, in which no character of a pattern means anything. Excluding, unlike selecting, keeps
    // large objects in.
    ...leftOut.schemas.map((name) => `--exclude-schema=${quoteIdentifier(name)}`),
    ...leftOut.data.map(({ schema, table }) => `--exclude-table-data=${quoteName(schema, table)}`),
    keepAliveArgument,
  ];
}

export interface PgDump {
  readonly program: string;
  readonly endpoint: Endpoint;
  readonly snapshotId: string;
  /** Milliseconds. */
  readonly lockWait: number;
  readonly leftOut: DatabaseDump['leftOut'];
  /** Everything where it is left out. */
  readonly section?: DumpSection;
  /** Comments around what the tool writes. */
  readonly before?: string;
  readonly after?: string;
  readonly signal: AbortSignal;
  readonly inspector: DumpInspector;
  readonly onBytes: (bytes: number) => void;
}

/**
 * What `pg_dump` writes. Ends only when the tool ended well and all of the dump passed by, so that whoever stores the
 * stream never stores half a dump.
 *
 * @throws LcbError `database.toolFailed`, `database.toolMissing`, `database.dumpTruncated`
 */
export async function* runPgDump(dump: PgDump): AsyncGenerator<Uint8Array> {
  const kill = new AbortController();
  const tool = startTool(pgDumpCommand(dump, AbortSignal.any([dump.signal, kill.signal])));
  tool.stdin.end();
  const seen = (chunk: Buffer): Buffer => {
    dump.inspector.push(chunk);
    dump.onBytes(chunk.length);
    return chunk;
  };
  let complete = false;
  try {
    if (dump.before !== undefined) yield seen(Buffer.from(dump.before));
    for await (const chunk of tool.stdout) yield seen(chunk);
    complete = true;
  } finally {
    // The reader gave up. The tool may be waiting for the server and not for its pipe, and must not outlive the dump.
    if (!complete) {
      kill.abort();
      tool.stdout.destroy();
      await tool.ended;
    }
  }
  const end = await tool.ended;
  if (end.code !== 0) throw toolFailure('pg_dump', end, dump.endpoint);
  if (dump.after !== undefined) yield seen(Buffer.from(dump.after));
  dump.inspector.finish();
}

function pgDumpCommand(dump: PgDump, signal: AbortSignal): ToolCommand {
  const { program, endpoint } = dump;
  const args = pgDumpArguments(dump);
  return { program, args, env: toolEnvironment(endpoint), scrub: endpoint.scrub, signal };
}
