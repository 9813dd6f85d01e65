import { copyShard } from '../library/copy-shard.ts';
import type { ShardLimits } from '../library/cut-into-shards.ts';
import { foldIndex } from '../library/fold-index.ts';
import { type PlanTotals, planLibraryBackup } from '../library/plan-backup.ts';
import { restorePart } from '../library/restore-part.ts';
import type { AttemptRef, CopyControl } from '../ports/backup-provider.ts';
import type { ObjectStore } from '../ports/object-store.ts';
import { describeJson } from '../repository/json-artefact.ts';
import { backupFolder, backupPrefix, indexPath } from '../repository/layout.ts';
import { type LibraryIndex, libraryIndexSchema } from '../repository/library-index.ts';
import type { LibraryUnit, Manifest } from '../repository/manifest.ts';

export const signal: AbortSignal = new AbortController().signal;

/** A control that never stops anything. */
export const unhurried: CopyControl = { signal, isTimeOver: () => false, onCopied: async () => undefined };

export const environment = { projectId: 'retail', environment: 'prd' };

export function attemptOf(backupId: string, attempt = 1): AttemptRef {
  return { ...environment, backupId, attempt, location: 'memory://backups' };
}

export interface LibraryBackupOptions {
  readonly source: ObjectStore;
  readonly backups: ObjectStore;
  readonly backupId: string;
  readonly attempt?: number;
  readonly base?: BaseManifest | undefined;
  readonly limits?: ShardLimits;
  readonly concurrency?: number;
  readonly control?: CopyControl;
  readonly excludeGeneratedFiles?: boolean;
  /** Between listing and copying. */
  readonly afterPlan?: () => void;
  /** Is this call made once more, as after a crash before its answer was recorded? */
  readonly repeats?: () => boolean;
}

export type BaseManifest = Pick<Manifest, 'backupId' | 'units'>;

export interface LibraryBackup {
  readonly plan: PlanTotals;
  readonly index: LibraryIndex;
  readonly unit: LibraryUnit;
  /** As much of a manifest as makes a base of it. */
  readonly manifest: BaseManifest;
}

/** Plan, shards and fold, as the workflow calls them. */
export async function backUpLibrary(options: LibraryBackupOptions): Promise<LibraryBackup> {
  const {
    source,
    backups,
    backupId,
    limits = { rows: 1000, copyBytes: 1_000_000 },
    concurrency = 3,
  } = options;
  const attempt = attemptOf(backupId, options.attempt);
  const excludeGeneratedFiles = options.excludeGeneratedFiles ?? false;
  const plan = await planLibraryBackup({
    attempt,
    source,
    backups,
    base: options.base,
    excludeGeneratedFiles,
    limits,
    signal,
  });
  options.afterPlan?.();
  for (let shard = 0; shard < plan.shards; shard += 1) {
    let cursor: number | null = 0;
    while (cursor !== null) {
      const request = {
        attempt,
        source,
        backups,
        shard,
        cursor,
        concurrency,
        control: options.control ?? unhurried,
      };
      if (options.repeats?.() === true) await copyShard(request);
      const progress = await copyShard(request);
      cursor = progress.cursor;
    }
  }
  const index = await foldIndex(backups, attempt, plan.shards);
  const unit = await libraryUnit(backups, attempt, plan, index);
  return { plan, index, unit, manifest: { backupId, units: { documentLibrary: unit } } };
}

async function libraryUnit(
  backups: ObjectStore,
  attempt: AttemptRef,
  plan: PlanTotals,
  index: LibraryIndex,
): Promise<LibraryUnit> {
  const prefix = backupPrefix(attempt, attempt.backupId);
  const { artefact } = await describeJson(backups, prefix, indexPath(attempt.attempt), libraryIndexSchema);
  const { objects, bytes, copiedObjects, copiedBytes, vanishedObjects, references } = index;
  const { excludedObjects, excludedBytes } = plan;
  const source = 'memory://library';
  return {
    index: artefact,
    source,
    objects,
    bytes,
    copiedObjects,
    copiedBytes,
    excludedObjects,
    excludedBytes,
    vanishedObjects,
    references,
  };
}

/** Restores every part, call by call, and answers how many objects that were. */
export async function restoreLibrary(
  backups: ObjectStore,
  backupId: string,
  index: LibraryIndex,
  target: ObjectStore,
  control: CopyControl = unhurried,
): Promise<number> {
  let objects = 0;
  for (const part of index.parts) {
    let cursor: number | null = 0;
    while (cursor !== null) {
      const request = {
        backup: environment,
        backups,
        target,
        part: { ...part, path: backupFolder(backupId) + part.path },
        cursor,
        concurrency: 3,
        control,
      };
      const progress = await restorePart(request);
      objects += progress.objects;
      cursor = progress.cursor;
    }
  }
  return objects;
}
