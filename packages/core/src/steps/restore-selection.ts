import { IntegrityError, InvalidRequestError } from '../errors/errors.ts';
import { readIndex } from '../library/base.ts';
import type { LibraryReader } from '../library/selection/select-keys.ts';
import { restoredRows, type Wanted } from '../library/wanted-rows.ts';
import {
  type Artefact,
  type DatabaseDump,
  databaseDumpSchema,
  type LibraryTable,
} from '../ports/database-engine.ts';
import type { ObjectStore } from '../ports/object-store.ts';
import { readJsonArtefact } from '../repository/json-artefact.ts';
import { readJsonLines } from '../repository/json-lines.ts';
import { backupPrefix, environmentPrefix } from '../repository/layout.ts';
import type { IndexRow } from '../repository/library-index.ts';
import { libraryRowSchemas } from '../repository/library-rows.ts';
import { type RestorePlan, restorePlanSchema, selectedKeySchema } from '../repository/restore-plan.ts';
import type { RestoreInput, RestoreSource } from './restore-source.ts';
import type { StepContext } from './step-context.ts';

/** What of the library is wanted. On the way back it is all of it, whatever the restore had selected. */
export function wantedOf(
  { restore, backup }: RestoreSource,
  { rollback }: RestoreInput,
  store: ObjectStore,
  selection: Artefact | undefined,
): Wanted {
  const { request } = restore;
  if (rollback) return { companies: new Set(), withoutGeneratedFiles: false };
  return {
    companies: new Set(selection === undefined ? (request.selection?.companies ?? []) : []),
    withoutGeneratedFiles: request.withoutGeneratedFiles,
    ...(selection === undefined
      ? {}
      : { selected: readJsonLines(store, environmentPrefix(backup), selection, selectedKeySchema) }),
  };
}

/** The rows of the backup's index that the restored library consists of, in key order. */
export function rowsToRestore(
  source: RestoreSource,
  input: RestoreInput,
  plan: RestorePlan,
  context: StepContext,
): AsyncGenerator<IndexRow> {
  const { backup, manifest } = source;
  const store = context.provider.objectStore(backup.location);
  return restoredRows(readIndex(store, backup, manifest), wantedOf(source, input, store, plan.selection));
}

/** Checked against the hash that the workflow remembers: nobody changes between two steps what is to be restored. */
export function readRestorePlan(
  { backup }: RestoreSource,
  plan: Artefact,
  context: StepContext,
): Promise<RestorePlan> {
  const store = context.provider.objectStore(backup.location);
  return readJsonArtefact(store, environmentPrefix(backup), plan, restorePlanSchema);
}

/** The library's rows as the backup's own database had them. */
export async function libraryReader(
  { manifest, backup }: RestoreSource,
  store: ObjectStore,
): Promise<LibraryReader> {
  const { database } = manifest.units;
  if (database === undefined) {
    throw new InvalidRequestError(
      `${backup.backupId} has no database, and folders and files are found through its rows. Select companies, or restore a backup that has both.`,
      'restore.selectionNeedsDatabase',
    );
  }
  const prefix = backupPrefix(backup, backup.backupId);
  const dump = await readJsonArtefact(store, prefix, database.description, databaseDumpSchema);
  return {
    folders: () => readJsonLines(store, prefix, rowsOf(dump, 'DLFolder'), libraryRowSchemas.DLFolder),
    fileVersions: () =>
      readJsonLines(store, prefix, rowsOf(dump, 'DLFileVersion'), libraryRowSchemas.DLFileVersion),
  };
}

function rowsOf({ libraryRows }: DatabaseDump, table: LibraryTable): Artefact {
  const found = libraryRows.find((rows) => rows.table === table);
  if (found !== undefined) return found;
  throw new IntegrityError(
    `The backup's database has no table ${table}: it is no Liferay database.`,
    'restore.noLibraryRows',
  );
}
