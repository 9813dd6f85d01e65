import { readJsonArtefact, verifyArtefact } from '../../repository/json-artefact.ts';
import { backupPrefix } from '../../repository/layout.ts';
import { libraryIndexSchema } from '../../repository/library-index.ts';
import type { RestoreSource } from '../restore-source.ts';
import type { ReadServices } from '../step-context.ts';

/** The index is small and says what is to be written where: it is known to be whole before anything is. @throws IntegrityError */
export async function refuseDamagedIndex(
  { manifest, backup }: RestoreSource,
  { provider }: ReadServices,
): Promise<void> {
  const { documentLibrary } = manifest.units;
  if (documentLibrary === undefined) return;
  const store = provider.objectStore(backup.location);
  const prefix = backupPrefix(backup, backup.backupId);
  const index = await readJsonArtefact(store, prefix, documentLibrary.index, libraryIndexSchema);
  for (const part of index.parts) await verifyArtefact(store, prefix, part);
}
