import { IntegrityError, ObjectNotFoundError } from '../errors/errors.ts';
import { readIndexParts } from '../library/base.ts';
import { mapOrdered } from '../library/map-ordered.ts';
import { checkCopy } from '../library/restore-part.ts';
import type { EnvironmentRef } from '../model/ids.ts';
import type { Clock } from '../ports/clock.ts';
import type { ObjectStore } from '../ports/object-store.ts';
import { backupPrefix } from '../repository/layout.ts';
import type { IndexRow, LibraryIndex, LibraryPlan } from '../repository/library-index.ts';
import type { Check } from '../repository/manifest.ts';
import { check, type Finding } from './check.ts';
import { compareMetadata } from './compare-metadata.ts';
import { compareWithSource, type SourceComparison } from './compare-source.ts';
import { copiesPresent } from './copies-present.ts';
import { sample } from './sample.ts';
import type { ValidationSettings } from './settings.ts';

/** Objects that are read back whole, as the requirements ask. */
const sampleSize = 10;
/** … so many at a time. */
const readAtOnce = 4;

export interface LibraryCheckRequest {
  readonly source: ObjectStore;
  /** Of a backup of an exact moment: the source's objects of that moment, chosen once more. */
  readonly exact?: SourceComparison['exact'];
  readonly excludeGeneratedFiles: boolean;
  readonly backups: ObjectStore;
  readonly backup: EnvironmentRef & { readonly backupId: string };
  readonly plan: LibraryPlan;
  readonly index: LibraryIndex;
  readonly settings: ValidationSettings;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** The checks on a copied library (requirements 5.3). Those that wait for a store are made at once: each waits for another listing. */
export async function checkLibrary(request: LibraryCheckRequest): Promise<Check[]> {
  const { source, plan, index, clock, backup, backups, signal } = request;
  const rows = () => readIndexParts(backups, backupPrefix(backup, backup.backupId), index.parts);
  let count = 0;
  async function* counted() {
    for await (const row of rows()) {
      count += 1;
      yield row;
    }
  }
  const picked = await sample(counted(), sampleSize, backup.backupId);
  return allEnded([
    check(clock, 'documentLibrary', 'library.objectCount', () => {
      const expected = plan.objects - index.vanishedObjects;
      return {
        ok: count === expected && index.objects === expected,
        expected: `${plan.objects} objects listed at the source, less ${index.vanishedObjects} deleted before they were copied`,
        measured: `${count} objects in the index`,
      };
    }),
    check(clock, 'documentLibrary', 'library.totalSize', () => {
      const expected = plan.bytes - index.vanishedBytes + index.replacedByteDifference;
      return {
        ok: index.bytes === expected,
        expected: `${expected} bytes at the source`,
        measured: `${index.bytes} bytes in the index`,
      };
    }),
    check(clock, 'documentLibrary', 'library.source', () =>
      compareWithSource({
        source,
        ...(request.exact === undefined ? {} : { exact: request.exact }),
        rows: rows(),
        excludeGeneratedFiles: request.excludeGeneratedFiles,
        since: plan.exact?.moment.from ?? plan.listedFrom,
        threshold: request.settings.libraryThreshold,
        signal,
      }),
    ),
    check(clock, 'documentLibrary', 'library.copiesPresent', () =>
      copiesPresent({ store: backups, backup, rows: rows(), copies: index.copiedObjects, signal }),
    ),
    check(clock, 'documentLibrary', 'library.sampleReadBack', () => readBack(request, picked)),
    check(clock, 'documentLibrary', 'library.metadata', () =>
      compareMetadata(picked, { source, backups, ref: backup, isExact: plan.exact !== undefined }),
    ),
  ]);
}

/** All of them, or the first failure once none is at work any more: what goes on unseen would outlive its step. */
async function allEnded<T>(work: readonly Promise<T>[]): Promise<T[]> {
  await Promise.allSettled(work);
  return Promise.all(work);
}

async function readBack(
  { backups, backup }: LibraryCheckRequest,
  picked: readonly IndexRow[],
): Promise<Finding> {
  const damaged: string[] = [];
  for await (const fault of mapOrdered(picked, readAtOnce, (row) => faultOf(backups, backup, row)))
    if (fault !== undefined) damaged.push(fault);
  return {
    ok: damaged.length === 0,
    expected: `${picked.length} random objects read back with their hashes`,
    measured: damaged.length === 0 ? 'all as copied' : damaged.join(' '),
  };
}

async function faultOf(
  backups: ObjectStore,
  backup: EnvironmentRef,
  row: IndexRow,
): Promise<string | undefined> {
  try {
    await checkCopy(backups, backup, row);
    return undefined;
  } catch (error) {
    if (!(error instanceof IntegrityError || error instanceof ObjectNotFoundError)) throw error;
    return error.message;
  }
}
