import { type RunningTool, startTool, type ToolEnd } from '../../stream/tool.ts';
import { markTable } from '../catalog/tables.ts';
import type { ClientTools } from '../client-tools.ts';
import type { Endpoint } from '../connection/endpoint.ts';
import { connectionArguments, toolEnvironment } from '../connection/tool-command.ts';
import { toolFailure } from '../tool-failure.ts';

export interface MysqldumpRun {
  readonly tools: ClientTools;
  readonly endpoint: Endpoint;
  readonly schemas: readonly string[];
  readonly signal: AbortSignal;
  readonly withoutData?: readonly { readonly schema: string; readonly table: string }[];
  /** Tables of which nothing is wanted. */
  readonly leftOut?: readonly { readonly schema: string; readonly table: string }[];
  /** Of all that a database has; without scheduled events when left out. */
  readonly only?: DumpContent;
}

/** `preData`: all that is defined but triggers and events. `data`: rows. */
export type DumpContent = 'preData' | 'data' | 'triggers' | 'events';

/** A dump program at work. */
export interface RunningDump {
  /** When its transaction has begun: what it reads from then on is of one moment. Also when it has ended. */
  readonly begun: Promise<void>;
  /**
   * What it writes. Ends only when the program ended well, so that whoever stores the stream never stores half a dump.
   *
   * @throws LcbError `database.toolFailed`, `database.toolMissing`
   */
  output(): AsyncGenerator<Buffer>;
}

/** With `--verbose` both kinds of program say this right after `START TRANSACTION WITH CONSISTENT SNAPSHOT`. */
const BEGUN = /^-- (?:Setting savepoint|Retrieving)/m;

export function startMysqldump(run: MysqldumpRun): RunningDump {
  const kill = new AbortController();
  let said = '';
  let begin = () => {};
  const hasBegun = new Promise<void>((resolve) => {
    begin = resolve;
  });
  const tool = startTool({
    program: run.tools.dump,
    args: dumpArguments(run),
    env: toolEnvironment(run.endpoint),
    scrub: run.endpoint.scrub,
    signal: AbortSignal.any([run.signal, kill.signal]),
    onStderr(text) {
      if (said.length > 10_000) return;
      said += text;
      if (BEGUN.test(said)) begin();
    },
  });
  tool.stdin.end();
  // The output is read only once the moment is taken. Node throws away what nobody listens to when a program ends.
  tool.stdout.on('readable', () => {});
  // Why it ended is told by the output.
  const ended = tool.ended.then(
    () => {},
    () => {},
  );
  return {
    begun: Promise.race([hasBegun, ended]),
    output: () => outputOf(tool, run, () => kill.abort()),
  };
}

async function* outputOf(tool: RunningTool, run: MysqldumpRun, kill: () => void): AsyncGenerator<Buffer> {
  let complete = false;
  try {
    for await (const chunk of tool.stdout) yield Buffer.from(chunk);
    complete = true;
  } finally {
    // The reader gave up. The tool may be waiting for the server and not for its pipe, and must not outlive the dump.
    if (!complete) {
      kill();
      tool.stdout.destroy();
      await tool.ended;
    }
  }
  const end: ToolEnd = await tool.ended;
  if (end.code !== 0) throw toolFailure('mysqldump', end, run.endpoint);
}

const CONTENT: Readonly<Record<DumpContent | 'all', readonly string[]>> = {
  all: ['--routines', '--triggers'],
  preData: ['--routines', '--skip-triggers', '--no-data'],
  data: ['--no-create-info', '--skip-triggers'],
  triggers: ['--triggers', '--no-create-info', '--no-data'],
  events: ['--events', '--no-data', '--no-create-info', '--skip-triggers'],
};

/**
 * Always `--databases`, also for one: the dump then says which database follows, and those lines are taken out again, so
 * that it loads into a database of any name. Left out on purpose: `--events`, which are dumped and loaded apart; `DROP`
 * and `LOCK TABLES`, since a target is empty and nobody else's; tablespaces and GTIDs, which are the server's.
 */
function dumpArguments({
  tools,
  endpoint,
  schemas,
  withoutData = [],
  leftOut = [],
  only,
}: MysqldumpRun): string[] {
  return [
    ...connectionArguments(endpoint, tools),
    '--verbose',
    '--single-transaction',
    '--quick',
    '--hex-blob',
    '--tz-utc',
    '--skip-add-drop-table',
    '--skip-add-locks',
    '--skip-dump-date',
    '--no-tablespaces',
    ...(tools.flavour === 'mysql' ? ['--set-gtid-purged=OFF', '--column-statistics=0'] : []),
    ...CONTENT[only ?? 'all'],
    ...schemas.map((schema) => `--ignore-table=${schema}.${markTable}`),
    ...leftOut.map(({ schema, table }) => `--ignore-table=${schema}.${table}`),
    // MySQL's own program has no such option: there the rows are taken out as they pass by.
    ...(tools.flavour === 'mariadb'
      ? withoutData.map(({ schema, table }) => `--ignore-table-data=${schema}.${table}`)
      : []),
    '--no-create-db',
    '--databases',
    ...schemas,
  ];
}
