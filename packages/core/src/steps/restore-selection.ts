import { IntegrityError, InvalidRequestError } from '../errors/errors.ts';
import { readIndex } from '../library/base.ts';
import { compareKeys } from '../library/compare-keys.ts';
import type { Keyed } from '../library/merge-sorted.ts';
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
import { openSource, type RestoreInput, type RestoreSource } from './restore-source.ts';
import type { StepContext } from './step-context.ts';

/** What of the library was asked for. */
export function wantedOf(
  { restore, backup }: RestoreSource,
  store: ObjectStore,
  selection: Artefact | undefined,
): Wanted {
  const { request } = restore;
  return {
    companies: new Set(selection === undefined ? (request.selection?.companies ?? []) : []),
    withoutGeneratedFiles: request.withoutGeneratedFiles,
    ...(selection === undefined
      ? {}
      : { selected: readJsonLines(store, environmentPrefix(backup), selection, selectedKeySchema) }),
  };
}

/**
 * What of the library is wanted now. On the way back that is all of the safety backup; from a part of a library it is what
 * the restore was about to write, and nothing else: the rest of the living library is not its business.
 */
export async function wantedNow(
  source: RestoreSource,
  input: RestoreInput,
  selection: Artefact | undefined,
  context: StepContext,
): Promise<Wanted> {
  const asked = await openSource({ ...input, rollback: false }, context);
  if (!input.rollback) return wantedOf(asked, context.provider.objectStore(asked.backup.location), selection);
  const all = { companies: new Set<string>(), withoutGeneratedFiles: false };
  if (source.restore.request.selection === undefined) return all;
  return { ...all, selected: await askedRows(asked, selection, context) };
}

/** Are generated files left out, by the backup or by this restore? Liferay makes them again. */
export function lacksGeneratedFiles(
  { restore, manifest }: RestoreSource,
  { rollback }: RestoreInput,
): boolean {
  const excluded = manifest.units.documentLibrary?.excludedObjects ?? 0;
  return excluded > 0 || (!rollback && restore.request.withoutGeneratedFiles);
}

/** The rows of a backup that was asked for, after a key, in key order. */
export async function askedRows(
  asked: RestoreSource,
  selection: Artefact | undefined,
  { provider }: StepContext,
  after = '',
): Promise<AsyncGenerator<IndexRow>> {
  const { backup, manifest } = asked;
  const store = provider.objectStore(backup.location);
  const { selected, ...wanted } = wantedOf(asked, store, selection);
  return restoredRows(readIndex(store, backup, manifest, after), {
    ...wanted,
    ...(selected === undefined ? {} : { selected: keysAfter(selected, after) }),
  });
}

async function* keysAfter(keys: AsyncIterable<Keyed>, after: string): AsyncGenerator<Keyed> {
  for await (const keyed of keys) if (compareKeys(keyed.key, after) > 0) yield keyed;
}

/** The rows of the backup's index that the restored library consists of, in key order. */
export async function* rowsToRestore(
  source: RestoreSource,
  input: RestoreInput,
  plan: RestorePlan,
  context: StepContext,
): AsyncGenerator<IndexRow> {
  const { backup, manifest } = source;
  const store = context.provider.objectStore(backup.location);
  const wanted = await wantedNow(source, input, plan.selection, context);
  yield* restoredRows(readIndex(store, backup, manifest), wanted);
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
