import { type EnvironmentRef, environmentHash } from '@lcb/core';

/** RDS allows a snapshot 255 characters; a backup's id has at most 80. */
const maxLength = 255;

/**
 * The snapshot's name of one attempt: `retail-prd-backup-20251109-143000-a1-1f2e3d4c`. Letters, digits and single hyphens,
 * beginning with a letter, as RDS wants it; the hash keeps `a-b`/`c` and `a`/`b-c` apart.
 */
export function snapshotName(
  attempt: EnvironmentRef & { readonly backupId: string; readonly attempt: number },
): string {
  const name = `${attempt.backupId}-a${attempt.attempt}-${environmentHash(attempt)}`;
  if (!isSnapshotName(name)) throw new RangeError(`${JSON.stringify(name)} can't be the name of a snapshot.`);
  return name;
}

/** @see https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBSnapshot.html */
export function isSnapshotName(name: string): boolean {
  return name.length <= maxLength && /^[A-Za-z](?:-?[A-Za-z0-9])*$/.test(name);
}
