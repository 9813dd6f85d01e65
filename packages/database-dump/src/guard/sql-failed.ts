import { LcbError } from '@lcb/core';
import type { Place } from './verdict.ts';

/** The server's own refusals; a lost connection and the like stay what they are, since they may be tried again. */
const REFUSALS: ReadonlySet<string> = new Set(['database.queryFailed', 'database.permission']);

/** What a server said of one statement, with its place in the file. */
export function sqlFailed(error: unknown, { name, line, command }: Place): unknown {
  if (!LcbError.isInstance(error) || !REFUSALS.has(error.code)) return error;
  return new LcbError({
    code: 'sql.failed',
    message: `${name}, line ${line}: ${command} failed. ${error.message}`,
    cause: error,
  });
}
