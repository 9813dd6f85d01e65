import type { ErrorRecord } from '../errors/lcb-error.ts';
import type { EnvironmentSearch, SearchRestored, SearchSnapshot, SearchTarget } from '../model/search.ts';

/** What an environment has in its search cluster. */
export interface SearchFacts {
  /** `opensearch 2.19.1` */
  readonly version: string;
  readonly indices: readonly string[];
  readonly documents: number;
  readonly bytes: number;
}

export type SearchProgress<T> =
  | { readonly state: 'InProgress'; readonly processedBytes?: number; readonly expectedBytes?: number }
  | { readonly state: 'Succeeded'; readonly result: T }
  | { readonly state: 'Failed'; readonly error: ErrorRecord }
  | { readonly state: 'NotFound' };

/**
 * Snapshots of a search cluster's indices, held by a repository of that cluster. Every operation may be repeated, and long ones
 * can be asked for by another process: nothing is kept here.
 *
 * All throw LcbError `search.unreachable` (retryable), `search.accessDenied`, `search.failed`.
 */
export interface SearchEngine {
  /** Looks without changing anything. @throws LcbError `search.noIndices` where no index fits the patterns; `search.notReady`
   * (retryable) while a shard is not there */
  inspect(source: EnvironmentSearch): Promise<SearchFacts>;
  /**
   * Registers the repository, if it is not there, and begins a snapshot of the indices that fit now; does nothing where one of
   * that name exists. @throws LcbError `search.repositoryDiffers` where another repository has that name;
   * `search.notReady` (retryable) while a shard is not there
   */
  startSnapshot(source: EnvironmentSearch, snapshot: string): Promise<void>;
  /** A snapshot with a shard that failed has failed. */
  snapshotProgress(source: EnvironmentSearch, snapshot: string): Promise<SearchProgress<SearchSnapshot>>;
  /** Also ends one that is being taken. No error where there is none. */
  deleteSnapshot(source: EnvironmentSearch, snapshot: string): Promise<void>;
  /** Names of indices that a restore would write and that are there already. */
  occupied(target: SearchTarget, indices: readonly string[]): Promise<readonly string[]>;
  startRestore(target: SearchTarget, snapshot: SearchSnapshot): Promise<void>;
  restoreProgress(target: SearchTarget, snapshot: SearchSnapshot): Promise<SearchProgress<SearchRestored>>;
  /** Deletes the indices that a restore has made. */
  discardRestored(target: SearchTarget, indices: readonly string[]): Promise<void>;
}
