import { LcbError } from '@lcb/core';
import type { ToolEnd } from '../stream/tool.ts';
import { describeEndpoint, type Endpoint } from './connection/endpoint.ts';

/** Numbers of errors behind which the same call may succeed later: connections, locks, schema changes in between. */
const PASSING = new Set([
  1040, 1053, 1077, 1146, 1159, 1160, 1161, 1203, 1205, 1213, 1317, 1412, 1927, 2002, 2003, 2006, 2013, 2026,
]);
/** `ERROR 1062 (23000) at line 12:`, `mysqldump: Got error: 1045:`, `Error 2013:`, `Table 'a.b' doesn't exist (1146)` */
const NUMBER = /\berror:? (\d{4})\b|\((\d{4})\)$/i;
const FUNCTIONS_NOT_TRUSTED = 1419;
const DISK_FULL = new Set([1021, 1114, 3]);
/**
 * What the programs themselves say. Not what the dump program tells of its work with `--verbose`, and not the statement that
 * MariaDB's client repeats when it fails: it holds rows, and rows are personal data.
 */
const OWN_WORDS = /^(?:ERROR |(?:mysql|mariadb)(?:-?dump)?\b|\/\S*(?:mysql|mariadb)\S*: )/;

/** A tool that did not end well, with its own last lines (already without secrets). */
export function toolFailure(tool: string, end: ToolEnd, endpoint: Endpoint): LcbError {
  const how = end.signal ? `was ended by ${end.signal}` : `failed with exit code ${end.code}`;
  const lines = end.lastLines.filter((line) => OWN_WORDS.test(line));
  const words = lines.length === 0 ? 'It said nothing.' : `Its last lines:\n${lines.join('\n')}`;
  const numbers = lines.flatMap((line) => {
    const [, first, last] = NUMBER.exec(line.trim()) ?? [];
    return first === undefined && last === undefined ? [] : [Number(first ?? last)];
  });
  const message = `${tool} ${how} for ${describeEndpoint(endpoint)}. ${words}`;
  if (numbers.includes(FUNCTIONS_NOT_TRUSTED)) {
    return new LcbError({
      code: 'database.functionsNotTrusted',
      message: `${message}\nThe server writes a binary log and lets no ordinary user create triggers and functions: set log_bin_trust_function_creators=1 on it (a parameter group on managed servers).`,
    });
  }
  if (numbers.some((number) => DISK_FULL.has(number)))
    return new LcbError({ code: 'database.diskFull', message: `${message}\nMake room on the server.` });
  return new LcbError({
    code: 'database.toolFailed',
    message,
    // A signal comes from outside: an administrator, a machine that is short of memory or shuts down. And of some lost connections
    // mariadb-dump says nothing.
    retryable: end.signal !== null || lines.length === 0 || numbers.some((number) => PASSING.has(number)),
  });
}
