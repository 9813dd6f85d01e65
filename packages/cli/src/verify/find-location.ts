import { type Environment, environmentRef, manifestKey, NotFoundError } from '@lcb/core';
import type { LocalProvider } from '@lcb/functions-local';
import { type EnvironmentChoice, matchingEnvironments } from '../config/select-environment.ts';

/**
 * The declared environment in whose backup location this backup lies. Looks into the locations and not into the catalog,
 * so that a backup can be verified when the catalog is lost.
 * @throws NotFoundError
 */
export async function findLocation(
  { provider }: LocalProvider,
  declared: readonly Environment[],
  choice: EnvironmentChoice,
  backupId: string,
): Promise<Environment> {
  // `a-b` of `c` and `a` of `b-c` have the same ids: both are looked into.
  const candidates = matchingEnvironments(declared, choice).filter(({ projectId, environment }) =>
    backupId.startsWith(`${projectId}-${environment}-backup-`),
  );
  for (const candidate of candidates) {
    const store = provider.objectStore(candidate.backups.location);
    if ((await store.head(manifestKey(environmentRef(candidate), backupId))) !== undefined) return candidate;
  }
  const looked = candidates.map(({ backups }) => backups.location).join(', ');
  throw new NotFoundError(
    candidates.length === 0
      ? `${backupId} is of no environment that lcb.yaml declares. Declare it, with the location of its backups.`
      : `There is no sealed backup ${backupId} in ${looked}.`,
  );
}
