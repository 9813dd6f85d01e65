import { type ExactTally, exactLibrary, noTally } from '../consistency/exact-library.ts';
import { expectedObjects } from '../consistency/expected-objects.ts';
import { noCounts } from '../consistency/finding.ts';
import { LcbError } from '../errors/lcb-error.ts';
import { isGeneratedFile } from '../library/generated-files.ts';
import type { Interval } from '../model/values.ts';
import type { AttemptRef } from '../ports/backup-provider.ts';
import type { ObjectInfo, ObjectStore } from '../ports/object-store.ts';
import { readJson } from '../repository/json-artefact.ts';
import { readJsonLines } from '../repository/json-lines.ts';
import { backupPrefix, earlierListingDescriptionPath } from '../repository/layout.ts';
import { earlierListingSchema, earlierObjectSchema } from '../repository/library-index.ts';
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

/** For how long a transaction may have been open that has removed or replaced an object, and for how much clocks may differ; milliseconds. */
const longestTransaction = 15 * 60 * 1000;

export async function libraryMoment(
  attempt: AttemptRef,
  {
    source,
    excludesGeneratedFiles,
  }: { readonly source: ObjectStore; readonly excludesGeneratedFiles: boolean },
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
  const prefix = backupPrefix(attempt, attempt.backupId);
  const rows = { store, prefix, artefacts: dump.libraryRows };
  const description = prefix + earlierListingDescriptionPath(attempt.attempt);
  const earlier = await readJson(store, description, earlierListingSchema);
  const { listVersions } = source;
  const { libraryTime } = dump;
  let tally = noTally();
  return {
    moment: libraryTime,
    tally: () => tally,
    objects: () => {
      tally = noTally();
      return exactLibrary({
        versions: listVersions.call(source),
        expected: expectedObjects(rows, noCounts()),
        before: readJsonLines(store, prefix, earlier, earlierObjectSchema),
        until: libraryTime.to,
        settled: new Date(Date.parse(libraryTime.from) - longestTransaction).toISOString(),
        isLeftOut: (key) => excludesGeneratedFiles && isGeneratedFile(key),
        location: source.location,
        tally,
      });
    },
  };
}
