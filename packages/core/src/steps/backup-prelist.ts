import { strictlySorted } from '../library/merge-sorted.ts';
import { intervalOf } from '../model/interval.ts';
import { writeJsonArtefact } from '../repository/json-artefact.ts';
import { writeJsonLines } from '../repository/json-lines.ts';
import { backupPrefix, earlierListingDescriptionPath, earlierListingPath } from '../repository/layout.ts';
import type { EarlierListing } from '../repository/library-index.ts';
import type { WorkflowInput } from '../workflow/workflow-input.ts';
import { attemptOf } from './attempt.ts';
import { libraryOf } from './backup-library.ts';
import { loadBackup, projectOf, type StepContext } from './step-context.ts';

/**
 * Lists the library before the database's moment, keys and sizes only. It copies nothing; later it tells what was wrong
 * at the source already from what the backup brought in.
 */
export async function listLibraryEarlier(
  input: WorkflowInput & { readonly attempt: number },
  context: StepContext,
): Promise<{ objects: number }> {
  const backup = await loadBackup(context, input);
  const attempt = attemptOf(backup, input.attempt);
  const { provider, clock, signal } = context;
  // A second attempt begins where the first was being validated.
  await projectOf(context, input).setState(context.lease, 'InProgress');
  const source = provider.objectStore(libraryOf(backup).location);
  const backups = provider.objectStore(attempt.location);
  const prefix = backupPrefix(attempt, attempt.backupId);
  async function* listed() {
    for await (const { key, size } of strictlySorted(`the listing of ${source.location}`, source.list())) {
      signal.throwIfAborted();
      yield { key, size };
    }
  }
  const from = clock.now();
  const written = await writeJsonLines(backups, prefix, earlierListingPath(input.attempt), listed(), signal);
  const listing: EarlierListing = { ...written, listed: intervalOf(from, clock.now()) };
  await writeJsonArtefact(backups, prefix, earlierListingDescriptionPath(input.attempt), listing);
  return { objects: written.rows };
}
