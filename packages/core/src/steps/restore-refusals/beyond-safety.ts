import { InvalidRequestError } from '../../errors/errors.ts';
import { databaseDumpSchema } from '../../ports/database-engine.ts';
import { readJsonArtefact } from '../../repository/json-artefact.ts';
import { backupPrefix } from '../../repository/layout.ts';
import type { RestoreSource } from '../restore-source.ts';
import type { ReadServices } from '../step-context.ts';

/**
 * A database is emptied as a whole. What its own backups leave out on demand would be gone for good: there would be no way
 * back for it.
 * @param safety the safety backup
 * @throws InvalidRequestError `restore.beyondSafetyBackup`
 */
export async function refuseBeyondSafety(
  { manifest, backup }: RestoreSource,
  { provider }: ReadServices,
): Promise<void> {
  const { database } = manifest.units;
  if (database === undefined) return;
  const prefix = backupPrefix(backup, backup.backupId);
  const store = provider.objectStore(backup.location);
  const { leftOut } = await readJsonArtefact(store, prefix, database.description, databaseDumpSchema);
  const names = [
    ...leftOut.schemas,
    ...leftOut.data.map(({ schema, table }) => `the rows of ${schema}.${table}`),
  ];
  if (names.length === 0) return;
  throw new InvalidRequestError(
    `The environment's backups leave out ${names.slice(0, 5).join(', ')}, so a restore in place would remove them for good. Restore by swap, which keeps the old database; or take them into the backups (schemas, ignoreSchemas, withoutData in lcb.yaml).`,
    'restore.beyondSafetyBackup',
  );
}
