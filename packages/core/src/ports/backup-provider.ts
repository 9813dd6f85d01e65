import type { DatabaseSelection } from '../model/database-selection.ts';
import type { EnvironmentRef } from '../model/ids.ts';
import type { Operation, OperationHandle } from '../model/operation.ts';
import type { DatabaseConnection } from '../model/project.ts';
import type { Compression } from '../model/run.ts';
import type { EnvironmentSearch, SearchSnapshot, SearchTarget } from '../model/search.ts';
import type { SqlScript } from '../model/sql-script.ts';
import type { Unit } from '../model/unit.ts';
import type { Capabilities } from './capabilities.ts';
import type { Artefact, DatabaseDump, DatabaseFacts, TargetState } from './database-engine.ts';
import type { ObjectStore } from './object-store.ts';
import type { SearchFacts } from './search-engine.ts';
import type { UploadStaging } from './upload-staging.ts';

/** Where one attempt of a backup writes. Every name at a provider derives from it. */
export interface AttemptRef extends EnvironmentRef {
  readonly backupId: string;
  readonly attempt: number;
  /** The backup location's URL. */
  readonly location: string;
}

export interface DatabaseDumpRequest {
  readonly attempt: AttemptRef;
  readonly source: DatabaseConnection;
  readonly compression: Compression;
  readonly selection?: DatabaseSelection;
  /** Where the library lies whose store's clock is asked for the time of the snapshot. */
  readonly library?: string;
  /** How many readers work at a time; the engine's choice when it is left out. */
  readonly workers?: number;
  /** As of {@link DumpRequest}. */
  readonly lockSeconds?: number;
}

export interface DatabaseSnapshotRequest {
  readonly attempt: AttemptRef;
  readonly source: DatabaseConnection;
}

export interface DatabaseDumpRestoreRequest {
  /** The restore's id: names the operation, marks the target. */
  readonly runId: string;
  /** Counts the tries of this restore from 1: a load that was lost is begun anew under a new name. */
  readonly attempt: number;
  /** Loads the safety backup again, because the restore in place failed; has operations of its own. */
  readonly rollback: boolean;
  readonly backup: AttemptRef;
  readonly dump: DatabaseDump;
  readonly target: DatabaseConnection;
  /** See `LoadRequest.replaceExisting`. */
  readonly replaceExisting: boolean;
  /** See `LoadRequest.untrusted`. */
  readonly untrusted: boolean;
}

/** Reads the library's rows of a restored database and writes them beside the backups. */
export interface LibraryRowsExportRequest {
  readonly runId: string;
  readonly attempt: number;
  readonly database: DatabaseConnection;
  /** Where the rows go: a location, and what keys in it begin with. Ends with a slash. */
  readonly location: string;
  readonly prefix: string;
  /** Relative to the prefix, with its slash. */
  readonly folder: string;
}

/** Runs scripts on a restored database; there is one such operation in a run, which is never begun again. */
export interface RestoreScriptsRequest {
  readonly runId: string;
  readonly database: DatabaseConnection;
  readonly scripts: readonly SqlScript[];
}

/** Lets a restored database or library take the place of the one that is there, which is kept under another name. */
export interface ExchangeRequest<Place> {
  /** What the environment points to, before and after. It may be absent before. */
  readonly current: Place;
  /** The restored one, which is gone afterwards: it has become the current one. */
  readonly restored: Place;
  /** The old one, afterwards. */
  readonly kept: Place;
}

export interface DatabaseSnapshotRestoreRequest {
  readonly runId: string;
  readonly backup: AttemptRef;
  readonly snapshotId: string;
  readonly target: DatabaseConnection;
}

/** How bounded copying is held on a rein. */
export interface CopyControl {
  readonly signal: AbortSignal;
  /** Is it time to stop and to hand on a cursor? Asked before each object; at least one is always done. */
  readonly isTimeOver: () => boolean;
  /** Told after each object, in order. What it throws ends the copying. */
  readonly onCopied: (copied: { readonly objects: number; readonly bytes: number }) => Promise<void>;
}

/** One shard of a planned library backup: bounded work, safe to run twice. */
export interface ObjectStorageBackupRequest {
  readonly attempt: AttemptRef;
  readonly source: string;
  readonly shard: number;
  /** Where an earlier call stopped, as it said; 0 at first. */
  readonly cursor: number;
}

export interface ObjectStorageCopyRequest {
  /** The backup that is copied, and the location that its copy goes to. */
  readonly backup: AttemptRef;
  readonly to: string;
  /** The index of its library, which the manifest names, and which of the index's parts is copied. */
  readonly index: Artefact;
  readonly part: number;
  /** Where an earlier call stopped, as it said; 0 at first. */
  readonly cursor: number;
}

export interface ObjectStorageRestoreRequest {
  readonly runId: string;
  readonly backup: AttemptRef;
  readonly target: string;
  /** A `RestorePlan`, by its path relative to the environment's prefix. */
  readonly plan: Artefact;
  /** Which of its shards is copied into the target. */
  readonly shard: number;
  /** Where an earlier call stopped, as it said; 0 at first. */
  readonly cursor: number;
}

/** What bounded work did, and where to go on: `cursor` is `null` when the shard is done. */
export interface ShardProgress {
  readonly cursor: number | null;
  /** Objects and bytes of the library that this call took care of, … */
  readonly objects: number;
  readonly bytes: number;
  /** … and those among them whose bytes it really moved. */
  readonly copiedObjects: number;
  readonly copiedBytes: number;
}

export interface SearchSnapshotRequest {
  /** The snapshot's name derives from it. */
  readonly attempt: AttemptRef;
  readonly source: EnvironmentSearch;
}

export interface SearchPlaces {
  readonly snapshot: SearchSnapshot;
  readonly target: SearchTarget;
}

export interface SearchSnapshotRestoreRequest extends SearchPlaces {
  readonly runId: string;
  readonly backup: AttemptRef;
}

/** Artefacts of one unit of one backup, found in a backup location, whether sealed or not. */
export interface UnitBackup {
  readonly backupId: string;
  readonly attempts: readonly number[];
  readonly objects: number;
  readonly bytes: number;
}

export interface ValidationRequest {
  readonly attempt: AttemptRef;
  readonly units: readonly Unit[];
}

/** What the provider itself finds wrong with an attempt: a snapshot that is not available, a part that is gone. */
export interface ValidationResult {
  readonly problems: readonly { readonly unit: Unit; readonly problem: string }[];
}

/**
 * What each cloud implements; the operations are the requirements' own (7.3). Those that start long work answer with a
 * handle at once, which any process may later pass to {@link BackupProvider.getOperationStatus}. Every operation may be
 * repeated: its name derives from run and attempt, and what exists already under that name is the answer.
 */
export interface BackupProvider {
  readonly type: 'aws' | 'azure' | 'gcp' | 'local';
  readonly capabilities: Capabilities;

  // Database
  /** Looks at a database without changing it; errors say what to do. */
  inspectDatabase(source: DatabaseConnection, selection?: DatabaseSelection): Promise<DatabaseFacts>;
  createDatabaseSnapshot(request: DatabaseSnapshotRequest): Promise<OperationHandle>;
  /** Its operation's result is a `DatabaseDump`. */
  createDatabaseDump(request: DatabaseDumpRequest): Promise<OperationHandle>;
  restoreDatabaseFromSnapshot(request: DatabaseSnapshotRestoreRequest): Promise<OperationHandle>;
  /** Its operation's result is a `DatabaseLoad`. */
  restoreDatabaseFromDump(request: DatabaseDumpRestoreRequest): Promise<OperationHandle>;
  /** See `DatabaseEngine.assertLoadable`. */
  assertDumpLoadable(target: DatabaseConnection, dump: DatabaseDump): Promise<void>;
  databaseTargetState(target: DatabaseConnection, runId: string): Promise<TargetState>;
  /** Removes the database that a failed restore of this run left; never another. See `DatabaseEngine.dropTarget`. */
  discardRestoredDatabase(
    target: DatabaseConnection,
    runId: string,
    options?: { readonly unmarked?: boolean },
  ): Promise<void>;
  /** Deletes the rows that point at generated files; see `DatabaseEngine.clearGeneratedRows`. */
  clearGeneratedRows(
    database: DatabaseConnection,
    options: { readonly companyIds?: readonly string[] },
  ): Promise<{ readonly rows: number }>;
  /** Its operation's result is a `ScriptsRun`. See `DatabaseEngine.runScripts`. */
  runRestoreScripts(request: RestoreScriptsRequest): Promise<OperationHandle>;
  /** Its operation's result is a list of `LibraryRows`. */
  exportLibraryRows(request: LibraryRowsExportRequest): Promise<OperationHandle>;
  /** Can all of these change their places with others of their kind? Asks nobody; what can be known without. */
  canExchange(places: { readonly database?: DatabaseConnection; readonly documentLibrary?: string }): boolean;
  /**
   * Lets databases change their names, all at once. `false` where this server can't rename: nothing was changed then. Safe
   * to repeat.
   */
  exchangeDatabase(request: ExchangeRequest<DatabaseConnection>): Promise<boolean>;
  listDatabaseBackups(environment: EnvironmentRef, location: string): AsyncIterable<UnitBackup>;
  /** What a dump left under this attempt, or `undefined` where it did not finish. */
  getDatabaseBackupMetadata(attempt: AttemptRef): Promise<DatabaseDump | undefined>;
  /** Removes the database artefacts of an attempt that is not sealed. */
  deleteDatabaseBackup(attempt: AttemptRef): Promise<void>;

  // Document library
  /** Copies the rows of one shard of the plan into the backup location and writes their index part. */
  createObjectStorageBackup(
    request: ObjectStorageBackupRequest,
    control: CopyControl,
  ): Promise<ShardProgress>;
  /** Copies the objects of one shard of a restore's plan to the target. */
  restoreObjectStorage(request: ObjectStorageRestoreRequest, control: CopyControl): Promise<ShardProgress>;
  /** Copies the objects of one part of a sealed backup's index into another location, and writes that part anew there. */
  copyObjectStorageBackup(request: ObjectStorageCopyRequest, control: CopyControl): Promise<ShardProgress>;
  listObjectStorageBackups(environment: EnvironmentRef, location: string): AsyncIterable<UnitBackup>;
  /** Removes copied objects, plan and index of a backup that is not sealed. */
  deleteObjectStorageBackup(attempt: AttemptRef): Promise<void>;
  /** Lets libraries change their places. `false` where this store can't: nothing was changed then. Safe to repeat. */
  exchangeLibrary(request: ExchangeRequest<string>): Promise<boolean>;
  /** Opens a location: the library's or the backups'. */
  objectStore(location: string): ObjectStore;

  /** Takes dumps and libraries that were made elsewhere. */
  readonly uploads?: UploadStaging;

  // Search
  /** Looks at the environment's indices without changing anything; errors say what to do. */
  inspectSearch(source: EnvironmentSearch): Promise<SearchFacts>;
  /** Its operation's result is a `SearchSnapshot`. */
  createSearchSnapshot(request: SearchSnapshotRequest): Promise<OperationHandle>;
  /** Removes the snapshot of an attempt that is not sealed, and ends one that is being taken. */
  deleteSearchSnapshot(request: SearchSnapshotRequest): Promise<void>;
  /** Names of indices that a restore would write and that are there already. */
  searchTargetState(places: SearchPlaces): Promise<readonly string[]>;
  /** Removes the indices that a failed restore left. */
  discardRestoredSearch(places: SearchPlaces): Promise<void>;
  /** Its operation's result is a `SearchRestored`. */
  restoreSearchSnapshot(request: SearchSnapshotRestoreRequest): Promise<OperationHandle>;

  /** Provider-side checks of what an attempt left, beyond those that core makes on the bytes. */
  validateBackup(request: ValidationRequest): Promise<ValidationResult>;
  getOperationStatus(handle: OperationHandle): Promise<Operation>;
  /** Ends every operation that was started for this run, in whichever attempt, and waits until they are gone. */
  stopOperations(runId: string): Promise<void>;
}
