import { LcbError } from '@lcb/core';
import type { Place } from './verdict.ts';

/** The server's own refusals; a lost connection and the like stay what they are, since they may be tried again. */
const REFUSALS: ReadonlyMap<string, string> = new Map([
  ['database.queryFailed', 'sql.failed'],
  ['database.permission', 'sql.failed'],
  ['database.dumpUnreadable', 'database.dumpUnreadable'],
]);

/** What a server said of one statement, with its place in the file. */
export function sqlFailed(error: unknown, { name, line, command }: Place): unknown {
  if (!LcbError.isInstance(error)) return error;
  const code = REFUSALS.get(error.code);
  if (code === undefined) return error;
  return new LcbError({
    code,
    message: `${name}, line ${line}: ${command} failed. ${error.message}`,
    cause: error,
  });
}
