import { pipeline } from 'node:stream/promises';
import { startTool } from '../../stream/tool.ts';
import type { ClientTools } from '../client-tools.ts';
import type { Endpoint } from '../connection/endpoint.ts';
import { connectionArguments, toolEnvironment } from '../connection/tool-command.ts';
import { toolFailure } from '../tool-failure.ts';

const ARGUMENTS = [
  '--batch',
  // Bytes as they are. And of the client's own commands (`source`, `system`, `\!`, `use`, …) none but DELIMITER works.
  '--binary-mode',
  '--skip-reconnect',
  '--local-infile=0',
  // Those in the bodies of triggers and routines.
  '--comments',
];

/** The store may be slow while the session waits; what a dump sets for itself is not here. */
const PRELUDE = 'SET SESSION wait_timeout = 2147483, net_read_timeout = 86400;\n';

export interface ClientRun {
  readonly tools: ClientTools;
  readonly endpoint: Endpoint;
  /** The database that it works in. */
  readonly database: string;
  /** SQL, as `mysqldump` writes it. */
  readonly source: AsyncIterable<Uint8Array>;
  readonly signal: AbortSignal;
}

/**
 * Has `mysql` run a dump, to its end or to the first error.
 *
 * @throws the error of `source`, else LcbError `database.toolFailed`, `database.functionsNotTrusted`, `database.diskFull`
 */
export async function runClient({ tools, endpoint, database, source, signal }: ClientRun): Promise<void> {
  let sourceFailure: { readonly error: unknown } | undefined;
  // The client takes the end of its input for the end of the dump: when the source fails, it must be gone before that.
  const kill = new AbortController();
  const tool = startTool({
    program: tools.client,
    args: [...connectionArguments(endpoint, tools), ...ARGUMENTS, `--database=${database}`],
    env: toolEnvironment(endpoint),
    scrub: endpoint.scrub,
    signal: AbortSignal.any([signal, kill.signal]),
  });
  tool.stdout.resume();
  async function* watched() {
    try {
      yield Buffer.from(PRELUDE);
      yield* source;
    } catch (error) {
      sourceFailure = { error };
      kill.abort();
      await tool.ended;
      throw error;
    }
  }
  const [fed] = await Promise.allSettled([pipeline(watched, tool.stdin)]);
  const end = await tool.ended;
  if (sourceFailure) throw sourceFailure.error;
  if (end.code !== 0) throw toolFailure('mysql', end, endpoint);
  if (fed.status === 'rejected') throw fed.reason;
}
