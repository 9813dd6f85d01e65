import { LcbError } from '@lcb/core';
import type { InspectedTable } from './split-dump.ts';

/**
 * Every table that was there before the dump must be defined in it: one that is dropped and made again at the wrong moment
 * would be missing, and the dump program says nothing of it.
 *
 * @throws LcbError `database.definitionChanged`
 */
export function assertDefined(
  expected: readonly { readonly schema: string; readonly table: string }[],
  dumped: readonly InspectedTable[],
): void {
  const found = new Set(dumped.map(nameOf));
  const missing = expected.find((table) => !found.has(nameOf(table)));
  if (missing === undefined) return;
  throw new LcbError({
    code: 'database.definitionChanged',
    message: `The table ${missing.schema}.${missing.table} is not in the dump: it was dropped or renamed meanwhile. No snapshot survives a schema change; the dump is begun anew.`,
    retryable: true,
  });
}

function nameOf({ schema, table }: { readonly schema: string; readonly table: string }): string {
  return JSON.stringify([schema, table]);
}
