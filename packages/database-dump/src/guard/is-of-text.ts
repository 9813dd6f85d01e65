import { LcbError } from '@lcb/core';

const CODES: ReadonlySet<string> = new Set([
  'database.toolFailed',
  'database.queryFailed',
  'database.dumpTruncated',
  'database.dumpUnreadable',
]);

/** Was it the text of a dump that a client or a lexer could not go on with? */
export function isOfText(error: unknown): boolean {
  if (!LcbError.isInstance(error) || error.retryable) return false;
  return CODES.has(error.code) || error.code.startsWith('sql.');
}
