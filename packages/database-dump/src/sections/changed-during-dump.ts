import { LcbError } from '@lcb/core';

/** @param how it was noticed. */
export function changedDuringDump(how: string): LcbError {
  return new LcbError({
    code: 'database.definitionChanged',
    message: `The database's definitions were changed while it was dumped (${how}), so the parts of the dump might not fit together. Try again when nobody creates, alters or drops tables, indexes, functions, views or triggers there.`,
    retryable: true,
  });
}
