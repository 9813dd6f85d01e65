import { LcbError } from '../errors/lcb-error.ts';
import type { Backup } from '../model/run.ts';
import type { Manifest } from '../repository/manifest.ts';
import { maxAttempts } from '../workflow/backup.ts';
import { attemptOf } from './attempt.ts';
import type { StepContext } from './step-context.ts';

/**
 * Deletes the snapshots of attempts that are not sealed, also one that is being taken. A search cluster that does not answer
 * must not hold up the environment: answers what is left there.
 */
export async function removeSearchSnapshots(
  backup: Backup,
  manifest: Manifest | undefined,
  { provider }: StepContext,
): Promise<string | undefined> {
  const { source, units } = backup.request;
  if (source.search === undefined || !units.includes('search')) return undefined;
  const sealed = manifest?.units.search === undefined ? undefined : manifest.attempt;
  for (let attempt = 1; attempt <= maxAttempts; attempt += 1) {
    if (attempt === sealed) continue;
    try {
      await provider.deleteSearchSnapshot({ attempt: attemptOf(backup, attempt), source: source.search });
    } catch (error) {
      if (!LcbError.isInstance(error)) throw error;
      return `Its search snapshots may be left in the repository ${source.search.repository.name}: ${error.message}`;
    }
  }
  return undefined;
}
