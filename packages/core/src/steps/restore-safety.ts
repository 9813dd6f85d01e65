import { readIndex } from '../library/base.ts';
import { noSafety, type SafetyIndex } from '../library/safety-index.ts';
import { lacksGeneratedFiles } from './restore-selection.ts';
import { openSource, type RestoreInput, type RestoreSource } from './restore-source.ts';
import type { StepContext } from './step-context.ts';

/** What the safety backup holds of the library, from a key on. On the way back it is what is restored, and guards nothing. */
export async function safetyIndexOf(
  { restore }: RestoreSource,
  input: RestoreInput,
  context: StepContext,
  after = '',
): Promise<SafetyIndex> {
  if (input.rollback || restore.request.safetyBackup?.kind !== 'take') return noSafety();
  const back = { ...input, rollback: true };
  const safety = await openSource(back, context);
  const { backup, manifest } = safety;
  const store = context.provider.objectStore(backup.location);
  return {
    backupId: backup.backupId,
    rows: readIndex(store, backup, manifest, after),
    lacksGeneratedFiles: lacksGeneratedFiles(safety, back),
  };
}
