import { InvalidRequestError } from '../../errors/errors.ts';
import type { RestoreSource } from '../restore-source.ts';

/** A pair whose certificate says that it does not fit is not restored as one. */
export function refuseUnfitPair({ restore, manifest }: RestoreSource): void {
  const { units } = restore.request;
  const { verdict, counts } = manifest.consistency.certificate ?? {};
  if (verdict !== 'inconsistent' || !units.includes('database') || !units.includes('documentLibrary')) return;
  throw new InvalidRequestError(
    `The database and the library of ${manifest.backupId} do not fit together: ${counts?.introduced} objects were deleted or replaced while it was made. Choose another backup, or restore one unit at a time. \`lcb backup certificate ${manifest.backupId} --findings\` names the objects.`,
    'restore.backupInconsistent',
  );
}
