import { readCertificate } from '../consistency/read-certificate.ts';
import { type Artefact, databaseDumpSchema } from '../ports/database-engine.ts';
import type { ObjectStore } from '../ports/object-store.ts';
import { readJsonArtefact } from './json-artefact.ts';
import { backupPrefix } from './layout.ts';
import { libraryIndexSchema } from './library-index.ts';
import type { Manifest } from './manifest.ts';

/**
 * Everything that hangs from a manifest but the copies of library objects: what may not be swept, what must be there.
 * Paths are relative to the backup's folder. @throws IntegrityError, ObjectNotFoundError where a list of them is damaged
 */
export async function artefactsOf(store: ObjectStore, manifest: Manifest): Promise<Artefact[]> {
  const prefix = backupPrefix(manifest, manifest.backupId);
  const artefacts: Artefact[] = [];
  const { database, documentLibrary } = manifest.units;
  if (database !== undefined) {
    const dump = await readJsonArtefact(store, prefix, database.description, databaseDumpSchema);
    artefacts.push(database.description, dump.tables, ...dump.parts, ...dump.libraryRows);
  }
  if (documentLibrary !== undefined) {
    const index = await readJsonArtefact(store, prefix, documentLibrary.index, libraryIndexSchema);
    artefacts.push(documentLibrary.index, ...index.parts);
  }
  const certificate = await readCertificate(store, manifest, manifest);
  for (const artefact of [manifest.consistency.certificate?.artefact, certificate?.findings])
    if (artefact !== undefined) artefacts.push(artefact);
  return artefacts;
}
