import type { BackupProvider } from '../ports/backup-provider.ts';
import type { Capabilities } from '../ports/capabilities.ts';

function unexpected(name: string): () => Promise<never> {
  return () => Promise.reject(new Error(`provider.${name} was not to be called`));
}

async function* nothing(): AsyncGenerator<never> {}

const supported = { supported: true, by: 'the test' } as const;
const capabilities: Capabilities = {
  databaseSnapshot: supported,
  databasePointInTime: supported,
  databaseDump: supported,
  objectVersioning: supported,
  objectCopy: supported,
  objectLifecycle: supported,
  searchSnapshot: supported,
  managedIdentity: supported,
  encryption: supported,
};

/** A provider that opens these stores; other operations only as they are given. */
export function stubProvider(
  parts: Partial<BackupProvider> & Pick<BackupProvider, 'objectStore'>,
): BackupProvider {
  return {
    type: 'local',
    capabilities,
    inspectDatabase: unexpected('inspectDatabase'),
    createDatabaseSnapshot: unexpected('createDatabaseSnapshot'),
    createDatabaseDump: unexpected('createDatabaseDump'),
    restoreDatabaseFromSnapshot: unexpected('restoreDatabaseFromSnapshot'),
    restoreDatabaseFromDump: unexpected('restoreDatabaseFromDump'),
    assertDumpLoadable: unexpected('assertDumpLoadable'),
    databaseTargetState: unexpected('databaseTargetState'),
    discardRestoredDatabase: unexpected('discardRestoredDatabase'),
    clearGeneratedRows: unexpected('clearGeneratedRows'),
    runRestoreScripts: unexpected('runRestoreScripts'),
    exportLibraryRows: unexpected('exportLibraryRows'),
    canExchange: () => {
      throw new Error('provider.canExchange was not to be called');
    },
    exchangeDatabase: unexpected('exchangeDatabase'),
    exchangeLibrary: unexpected('exchangeLibrary'),
    listDatabaseBackups: nothing,
    getDatabaseBackupMetadata: unexpected('getDatabaseBackupMetadata'),
    deleteDatabaseBackup: unexpected('deleteDatabaseBackup'),
    createObjectStorageBackup: unexpected('createObjectStorageBackup'),
    copyObjectStorageBackup: unexpected('copyObjectStorageBackup'),
    restoreObjectStorage: unexpected('restoreObjectStorage'),
    listObjectStorageBackups: nothing,
    deleteObjectStorageBackup: unexpected('deleteObjectStorageBackup'),
    inspectSearch: unexpected('inspectSearch'),
    deleteSearchSnapshot: unexpected('deleteSearchSnapshot'),
    searchTargetState: unexpected('searchTargetState'),
    discardRestoredSearch: unexpected('discardRestoredSearch'),
    createSearchSnapshot: unexpected('createSearchSnapshot'),
    restoreSearchSnapshot: unexpected('restoreSearchSnapshot'),
    validateBackup: unexpected('validateBackup'),
    getOperationStatus: unexpected('getOperationStatus'),
    stopOperations: unexpected('stopOperations'),
    ...parts,
  };
}
