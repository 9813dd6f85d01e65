import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  type BackupProvider,
  backupPrefix,
  copyBackupPart,
  copyShard,
  databaseDumpSchema,
  databaseFolder,
  databaseName,
  dumpDescriptionPath,
  environmentPrefix,
  type JobKind,
  type JobRunner,
  jsonSchema,
  LcbError,
  libraryFolder,
  libraryIndexSchema,
  listUnitBackups,
  longObjectsFolder,
  ObjectNotFoundError,
  type Operation,
  type OperationHandle,
  objectsFolder,
  readJson,
  readJsonArtefact,
  removeFolder,
  requireCapability,
  restorePart,
  restorePlanSchema,
  type SearchEngine,
  type StoreSettings,
} from '@lcb/core';
import { localCapabilities } from '../capabilities.ts';
import { exchangeFolders } from '../object-store/exchange-folders.ts';
import { type LocalServices, openConnection } from './job-handlers.ts';
import { type JobPurpose, jobName, jobOf, jobsOf, operationOf } from './operation-names.ts';

import { searchHandle, searchStatus } from './search-operations.ts';

export interface LocalProviderOptions extends LocalServices {
  readonly jobs: JobRunner;
  readonly search: SearchEngine;
  /** Objects copied at once by one shard. */
  readonly copyConcurrency: number;
  /** Folder of its own, for what is unpacked of uploads while they are made backups of. */
  readonly uploadsFolder: string;
  /** How stores are reached: jobs are told, for they open them in processes of their own. */
  readonly stores: readonly StoreSettings[];
}

/** Everything from one machine: dumps and loads as child processes, libraries in folders and buckets. */
export function localProvider(options: LocalProviderOptions): BackupProvider {
  const { jobs, openStore, engineOf, secrets, search, copyConcurrency: concurrency } = options;

  async function startJob(
    kind: JobKind,
    runId: string,
    attempt: number,
    input: object,
    purpose: JobPurpose = kind,
  ): Promise<OperationHandle> {
    // A job that was lost may have left a program running: it must be gone before the same work is begun again.
    if (attempt > 1) await jobs.stop(jobName(purpose, runId, attempt - 1));
    const name = jobName(purpose, runId, attempt);
    await jobs.start({ name, kind, input: jsonSchema.parse({ ...input, stores: options.stores }) });
    return operationOf(name);
  }

  const unpackedFolder = (runId: string) => join(options.uploadsFolder, runId);

  return {
    type: 'local',
    capabilities: localCapabilities,
    objectStore: openStore,

    async inspectDatabase(source, selection) {
      return engineOf(source.engine).inspect(await openConnection(source, secrets), selection);
    },
    async createDatabaseDump(request) {
      const { backupId, attempt } = request.attempt;
      return startJob('dump', backupId, attempt, request);
    },
    async restoreDatabaseFromDump({ runId, attempt, rollback, ...load }) {
      return startJob('load', runId, attempt, { runId, rollback, ...load }, rollback ? 'rollback' : 'load');
    },
    async assertDumpLoadable(target, dump) {
      await engineOf(target.engine).assertLoadable(await openConnection(target, secrets), dump);
    },
    async clearGeneratedRows(database, options) {
      return engineOf(database.engine).clearGeneratedRows(await openConnection(database, secrets), options);
    },
    async runRestoreScripts({ runId, ...request }) {
      return startJob('scripts', runId, 1, request);
    },
    async exportLibraryRows({ runId, attempt, ...request }) {
      return startJob('rows', runId, attempt, request);
    },
    canExchange({ database, documentLibrary }) {
      const renames = database === undefined || engineOf(database.engine).renameDatabases !== undefined;
      return renames && (documentLibrary === undefined || isFolder(documentLibrary));
    },
    async exchangeDatabase({ current, restored, kept }) {
      const engine = engineOf(current.engine);
      if (engine.renameDatabases === undefined) return false;
      await engine.renameDatabases(await openConnection(current, secrets), [
        { from: databaseName(current.url), to: databaseName(kept.url) },
        { from: databaseName(restored.url), to: databaseName(current.url) },
      ]);
      return true;
    },
    async exchangeLibrary(request) {
      return isFolder(request.current) && exchangeFolders(request);
    },
    async databaseTargetState(target, runId) {
      return engineOf(target.engine).targetState(await openConnection(target, secrets), runId);
    },
    async discardRestoredDatabase(target, runId, options) {
      await engineOf(target.engine).dropTarget(await openConnection(target, secrets), runId, options);
    },
    listDatabaseBackups(environment, location) {
      return listUnitBackups(openStore(location), environment, 'database');
    },
    async getDatabaseBackupMetadata(attempt) {
      const key = backupPrefix(attempt, attempt.backupId) + dumpDescriptionPath(attempt.attempt);
      try {
        return await readJson(openStore(attempt.location), key, databaseDumpSchema);
      } catch (error) {
        if (error instanceof ObjectNotFoundError) return undefined;
        throw error;
      }
    },
    async deleteDatabaseBackup(attempt) {
      const prefix = backupPrefix(attempt, attempt.backupId);
      await removeFolder(openStore(attempt.location), prefix + databaseFolder(attempt.attempt));
    },

    async createObjectStorageBackup(request, control) {
      const { attempt, source, shard, cursor } = request;
      return copyShard({
        attempt,
        source: openStore(source),
        backups: openStore(attempt.location),
        shard,
        cursor,
        concurrency,
        control,
      });
    },
    async restoreObjectStorage(request, control) {
      const { backup, target, plan, shard, cursor } = request;
      const backups = openStore(backup.location);
      const { shards } = await readJsonArtefact(backups, environmentPrefix(backup), plan, restorePlanSchema);
      const part = shards[shard];
      if (part === undefined)
        throw new LcbError({ code: 'internal', message: `${plan.path} has no shard ${shard}.` });
      return restorePart({ backup, backups, target: openStore(target), part, cursor, concurrency, control });
    },
    async copyObjectStorageBackup({ backup, to, index, part: shard, cursor }, control) {
      const source = openStore(backup.location);
      const prefix = backupPrefix(backup, backup.backupId);
      const { parts } = await readJsonArtefact(source, prefix, index, libraryIndexSchema);
      const part = parts[shard];
      if (part === undefined) {
        throw new LcbError({
          code: 'internal',
          message: `The index of ${backup.backupId} has no part ${shard}.`,
        });
      }
      const target = openStore(to);
      return copyBackupPart({ backup, source, target, part, shard, cursor, concurrency, control });
    },
    listObjectStorageBackups(environment, location) {
      return listUnitBackups(openStore(location), environment, 'documentLibrary');
    },
    async deleteObjectStorageBackup(attempt) {
      const store = openStore(attempt.location);
      const prefix = backupPrefix(attempt, attempt.backupId);
      for (const folder of [libraryFolder(attempt.attempt), objectsFolder, longObjectsFolder]) {
        await removeFolder(store, prefix + folder);
      }
    },

    uploads: {
      libraryLocation: (runId) => pathToFileURL(unpackedFolder(runId)).href,
      async stage({ runId, attempt, ...upload }) {
        return startJob('import', runId, attempt, { runId, ...upload, folder: unpackedFolder(runId) });
      },
      async discard(runId, scratch) {
        if (scratch !== undefined)
          await engineOf(scratch.engine).dropScratch?.(await openConnection(scratch, secrets), runId);
        await rm(unpackedFolder(runId), { recursive: true, force: true });
      },
    },

    async createDatabaseSnapshot() {
      return unsupported('databaseSnapshot');
    },
    async restoreDatabaseFromSnapshot() {
      return unsupported('databaseSnapshot');
    },
    inspectSearch: (source) => search.inspect(source),
    async createSearchSnapshot({ attempt: { backupId, attempt }, source }) {
      const snapshot = snapshotName(backupId, attempt);
      await search.startSnapshot(source, snapshot);
      return searchHandle({ kind: 'snapshot', source, snapshot });
    },
    async deleteSearchSnapshot({ attempt: { backupId, attempt }, source }) {
      await search.deleteSnapshot(source, snapshotName(backupId, attempt));
    },
    searchTargetState: ({ snapshot, target }) => search.occupied(target, snapshot.indices),
    async restoreSearchSnapshot({ snapshot, target }) {
      await search.startRestore(target, snapshot);
      return searchHandle({ kind: 'restore', target, snapshot });
    },
    discardRestoredSearch: ({ snapshot, target }) => search.discardRestored(target, snapshot.indices),

    /** Core's own checks read the stored bytes; there is no other party here that could know more. */
    async validateBackup() {
      return { problems: [] };
    },
    async getOperationStatus(handle): Promise<Operation> {
      const ofSearch = await searchStatus(search, handle);
      if (ofSearch !== undefined) return ofSearch;
      const { operationId } = handle;
      const job = jobOf(handle);
      const status = job === undefined ? undefined : await jobs.status(job);
      switch (status?.state) {
        case 'running': {
          const { processedBytes, expectedBytes } = status;
          return {
            state: 'InProgress',
            operationId,
            ...(processedBytes === undefined ? {} : { processedBytes }),
            ...(expectedBytes === undefined ? {} : { expectedBytes }),
          };
        }
        case 'succeeded':
          return { state: 'Succeeded', operationId, result: status.result };
        case 'failed':
          return { state: 'Failed', operationId, error: { ...status.error } };
        default:
          return { state: 'NotFound', operationId };
      }
    },
    async stopOperations(runId) {
      for (const job of jobsOf(runId)) await jobs.stop(job);
    },
  };
}

function snapshotName(backupId: string, attempt: number): string {
  return `${backupId}-${attempt}`;
}

function unsupported(capability: 'databaseSnapshot'): never {
  requireCapability(localCapabilities, capability);
  throw new LcbError({
    code: 'internal',
    message: `${capability} is said to be supported, but it is not built.`,
  });
}

function isFolder(location: string): boolean {
  return location.startsWith('file:');
}
