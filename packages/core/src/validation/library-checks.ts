import { IntegrityError, ObjectNotFoundError } from '../errors/errors.ts';
import { readIndexParts } from '../library/base.ts';
import { readCopy } from '../library/restore-part.ts';
import type { EnvironmentRef } from '../model/ids.ts';
import type { Clock } from '../ports/clock.ts';
import type { ObjectStore } from '../ports/object-store.ts';
import { backupPrefix } from '../repository/layout.ts';
import type { LibraryIndex, LibraryPlan } from '../repository/library-index.ts';
import type { Check } from '../repository/manifest.ts';
import { check } from './check.ts';
import { sample } from './sample.ts';

/** Objects that are read back whole, as the requirements ask. */
const sampleSize = 10;

export interface LibraryCheckRequest {
  readonly backups: ObjectStore;
  readonly backup: EnvironmentRef & { readonly backupId: string };
  readonly plan: LibraryPlan;
  readonly index: LibraryIndex;
  readonly clock: Clock;
}

/** The checks on a copied library (requirements 5.3). */
export async function checkLibrary(request: LibraryCheckRequest): Promise<Check[]> {
  const { plan, index, clock, backup, backups } = request;
  const rows = () => readIndexParts(backups, backupPrefix(backup, backup.backupId), index.parts);
  return [
    await check(clock, 'documentLibrary', 'library.objectCount', async () => {
      let count = 0;
      for await (const _row of rows()) count += 1;
      const expected = plan.objects - index.vanishedObjects;
      return {
        ok: count === expected && index.objects === expected,
        expected: `${plan.objects} objects listed at the source, less ${index.vanishedObjects} deleted before they were copied`,
        measured: `${count} objects in the index`,
      };
    }),
    await check(clock, 'documentLibrary', 'library.totalSize', () => {
      const expected = plan.bytes - index.vanishedBytes + index.replacedByteDifference;
      return {
        ok: index.bytes === expected,
        expected: `${expected} bytes at the source`,
        measured: `${index.bytes} bytes in the index`,
      };
    }),
    await check(clock, 'documentLibrary', 'library.sampleReadBack', async () => {
      const picked = await sample(rows(), sampleSize, backup.backupId);
      const damaged: string[] = [];
      for (const row of picked) {
        try {
          for await (const _chunk of readCopy(backups, backup, row)) {
            // Reading compares size and hash.
          }
        } catch (error) {
          if (!(error instanceof IntegrityError || error instanceof ObjectNotFoundError)) throw error;
          damaged.push(error.message);
        }
      }
      return {
        ok: damaged.length === 0,
        expected: `${picked.length} random objects read back with their hashes`,
        measured: damaged.length === 0 ? 'all as copied' : damaged.join(' '),
      };
    }),
  ];
}
