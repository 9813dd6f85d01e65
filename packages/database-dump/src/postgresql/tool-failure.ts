import { LcbError } from '@lcb/core';
import type { ToolEnd } from '../stream/tool.ts';
import { describeEndpoint, type Endpoint } from './connection/endpoint.ts';

/** Messages of libpq and the server behind which the same call may succeed later. */
const PASSING = [
  /server closed the connection/,
  /connection to server .* failed: (?!.*(?:authentication|does not exist|no pg_hba))/,
  /could not (?:connect|receive data|send data)/,
  /terminating connection/,
  /SSL (?:SYSCALL error|connection has been closed)/,
  /the database system is (?:starting up|shutting down|in recovery)/,
  /no connection to the server/,
  // What `--lock-wait-timeout` ends with.
  /canceling statement due to (?:lock|statement) timeout/,
  /too many clients|remaining connection slots/,
  /deadlock detected/,
  // The session that exported it is gone; nobody patches a dump without it.
  /invalid snapshot identifier|could not import the requested snapshot/,
];

/** A tool that did not end well, with its own last lines (already without secrets). */
export function toolFailure(tool: 'pg_dump' | 'psql', end: ToolEnd, endpoint: Endpoint): LcbError {
  const how = end.signal ? `was ended by ${end.signal}` : `failed with exit code ${end.code}`;
  const words =
    end.lastLines.length === 0 ? 'It said nothing.' : `Its last lines:\n${end.lastLines.join('\n')}`;
  return new LcbError({
    code: 'database.toolFailed',
    message: `${tool} ${how} for ${describeEndpoint(endpoint)}. ${words}`,
    // A signal comes from outside: an administrator, a machine that is short of memory or shuts down.
    retryable:
      end.signal !== null || end.lastLines.some((line) => PASSING.some((pattern) => pattern.test(line))),
  });
}
