import type { DatabaseDump, TableCount } from '../ports/database-engine.ts';

/** What a busy table may change by in the milliseconds between two read views, or during a dump that no snapshot covers. */
const TOLERATED_SHARE = 0.05;
const TOLERATED_ROWS = 1000;

/**
 * Does the dump carry the rows that the server counted? Exactly, where both are of one moment. Else within a tolerance that
 * lets a busy table pass and not one that was cut off or emptied.
 */
export function countsAgree(
  { rows, sourceRows, nonTransactional }: TableCount,
  moment: DatabaseDump['moment'],
): boolean {
  if (moment === 'shared' && !nonTransactional) return rows === sourceRows;
  return Math.abs(rows - sourceRows) <= Math.max(TOLERATED_ROWS, sourceRows * TOLERATED_SHARE);
}
