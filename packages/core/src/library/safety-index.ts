import { LcbError } from '../errors/lcb-error.ts';
import type { ObjectInfo } from '../ports/object-store.ts';
import type { IndexRow } from '../repository/library-index.ts';
import { isGeneratedFile } from './generated-files.ts';
import { isUnchanged } from './plan-backup.ts';

/** What the safety backup of a restore in place has of the library that is about to be replaced. */
export interface SafetyIndex {
  /** The safety backup; none where it was refused. */
  readonly backupId: string | undefined;
  /** In key order; none where it was refused. */
  readonly rows: AsyncIterable<IndexRow>;
  /** Are generated files left out of it on demand? Liferay makes them again. */
  readonly lacksGeneratedFiles: boolean;
}

async function* none(): AsyncGenerator<never> {}

/** Where the safety backup was refused, or nothing is replaced. */
export function noSafety(): SafetyIndex {
  return { backupId: undefined, rows: none(), lacksGeneratedFiles: false };
}

/** May this object of the target go, because the safety backup holds the very bytes? */
export function isHeld(there: ObjectInfo, held: IndexRow | undefined, safety: SafetyIndex): boolean {
  if (safety.backupId === undefined) return true;
  if (held !== undefined && isUnchanged(there, held)) return true;
  return held === undefined && safety.lacksGeneratedFiles && isGeneratedFile(there.key);
}

/** @throws LcbError `restore.changedMeanwhile` where it may not */
export function assertHeld(there: ObjectInfo, held: IndexRow | undefined, safety: SafetyIndex): void {
  if (isHeld(there, held, safety)) return;
  throw new LcbError({
    code: 'restore.changedMeanwhile',
    message: `${JSON.stringify(there.key)} in the target was written after the safety backup ${safety.backupId} was taken, so no backup holds it. Nothing of the library was replaced. Stop what writes there, and restore again.`,
  });
}
