import { type ExactTally, exactLibrary } from '../consistency/exact-library.ts';
import { expectedObjects } from '../consistency/expected-objects.ts';
import { noCounts } from '../consistency/finding.ts';
import { LcbError } from '../errors/lcb-error.ts';
import type { Interval } from '../model/values.ts';
import type { AttemptRef } from '../ports/backup-provider.ts';
import type { ObjectInfo, ObjectStore } from '../ports/object-store.ts';
import { backupPrefix } from '../repository/layout.ts';
import type { StepContext } from './step-context.ts';

/** The library at the moment of this attempt's database. */
export interface LibraryMoment {
  /** By the clock of the store that holds the library. */
  readonly moment: Interval;
  /** The objects of that moment, chosen anew with each call. */
  readonly objects: () => AsyncIterable<ObjectInfo>;
  /** Of the choice that was made last, once it was read to its end. */
  readonly tally: () => ExactTally;
}

export async function libraryMoment(
  attempt: AttemptRef,
  source: ObjectStore,
  { provider }: Pick<StepContext, 'provider'>,
): Promise<LibraryMoment> {
  const dump = await provider.getDatabaseBackupMetadata(attempt);
  if (dump?.libraryTime === undefined || source.listVersions === undefined) {
    throw new LcbError({
      code: 'internal',
      message: `Attempt ${attempt.attempt} of ${attempt.backupId} is to be of an exact moment, and has none.`,
    });
  }
  const store = provider.objectStore(attempt.location);
  const rows = { store, prefix: backupPrefix(attempt, attempt.backupId), artefacts: dump.libraryRows };
  const { listVersions } = source;
  const { libraryTime } = dump;
  let tally: ExactTally = { deleted: 0, replaced: 0, later: 0 };
  return {
    moment: libraryTime,
    tally: () => tally,
    objects: () => {
      tally = { deleted: 0, replaced: 0, later: 0 };
      return exactLibrary({
        versions: listVersions.call(source),
        expected: expectedObjects(rows, noCounts()),
        until: libraryTime.to,
        location: source.location,
        tally,
      });
    },
  };
}
