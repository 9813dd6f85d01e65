import { readIndex, readIndexParts } from '../library/base.ts';
import { strictlySorted } from '../library/merge-sorted.ts';
import { intervalOf } from '../model/interval.ts';
import type { Interval } from '../model/values.ts';
import type { AttemptRef } from '../ports/backup-provider.ts';
import { type DatabaseDump, tableCountSchema } from '../ports/database-engine.ts';
import type { ObjectInfo, ObjectStore } from '../ports/object-store.ts';
import { readJsonLines, readJsonLinesUnverified } from '../repository/json-lines.ts';
import { backupPrefix, planPath } from '../repository/layout.ts';
import {
  type EarlierListing,
  earlierObjectSchema,
  type LibraryIndex,
  type LibraryPlan,
  type PlanRow,
  planRowSchema,
} from '../repository/library-index.ts';
import type { Manifest } from '../repository/manifest.ts';
import type { Certificate } from './certificate.ts';
import { companiesOf, isExcusedIn } from './excused.ts';
import { companyIds, expectedObjects, hasTable, type RowsLocation } from './expected-objects.ts';
import { noCounts } from './finding.ts';
import { whyNotComparable } from './not-applicable.ts';
import { rowsOfDump } from './rows-of-dump.ts';
import { rules } from './rules.ts';
import { type CertificatePlace, writeCertificate, writeNotApplicable } from './write-certificate.ts';

/** What the steps before have left of an attempt. */
export interface BackupAttempt {
  readonly ref: AttemptRef;
  readonly dump: DatabaseDump;
  readonly plan: LibraryPlan;
  readonly index: LibraryIndex;
  /** The listing from before the database's moment. */
  readonly earlier: EarlierListing;
  readonly excludesGeneratedFiles: boolean;
}

/** Compares the database and the library of an attempt, both as they were stored, and writes the certificate. */
export async function certifyAttempt(request: {
  readonly place: CertificatePlace;
  readonly attempt: BackupAttempt;
  /** The library that was backed up. */
  readonly source: ObjectStore;
  readonly base: Manifest | undefined;
  readonly signal: AbortSignal;
}): Promise<Certificate> {
  const { place, attempt, source, base, signal } = request;
  const { ref, dump, plan, index, earlier } = attempt;
  const { store } = place;
  const prefix = backupPrefix(ref, ref.backupId);
  const rows: RowsLocation = { store, prefix, artefacts: dump.libraryRows };
  const reason = whyNotComparable({
    location: plan.source,
    layout: plan.layout,
    hasFileVersions: hasTable(rows, 'DLFileVersion'),
    contentRows: await countRows(store, prefix, dump, 'dlcontent'),
  });
  if (reason !== undefined) return writeNotApplicable(place, 'backup', reason);
  const leftOut = companiesOf(dump.leftOut.schemas);
  const counts = noCounts();
  return writeCertificate({
    place,
    counts,
    signal,
    rows: rowsOfDump(dump),
    objects: {
      from: 'index',
      location: plan.source,
      listed: intervalOf(plan.listedFrom, plan.listedTo),
      ...(plan.exact === undefined ? {} : { exact: plan.exact }),
    },
    before: { from: 'listing', listed: earlier.listed, objects: earlier.rows },
    rules: [
      rules.rows,
      rules.sizes,
      rules.extras,
      ...(attempt.excludesGeneratedFiles ? [rules.generated] : []),
      ...(leftOut.size > 0 ? [rules.leftOutSchemas] : []),
      ...(plan.exact === undefined ? [] : [rules.exact]),
      rules.backupBlame,
      rules.arrived,
    ],
    pair: {
      madeBy: 'backup',
      expected: expectedObjects(rows, counts),
      found: strictlySorted(`the index of ${ref.backupId}`, readIndexParts(store, prefix, index.parts)),
      companies: hasTable(rows, 'Company') ? await companyIds(rows) : undefined,
      imagesKnown: hasTable(rows, 'Image'),
      before: readJsonLines(store, prefix, earlier, earlierObjectSchema),
      listed: readPlan(store, prefix, ref.attempt, plan.shards),
      ...(base === undefined
        ? {}
        : { base: { backupId: base.backupId, index: readIndex(store, ref, base) } }),
      isInLibrary: async (key) => {
        const found = await source.head(key);
        return found !== undefined && !isLaterThan(found, plan.exact?.moment);
      },
      uncertain: intervalOf(earlier.listed.from, dump.snapshotTime.to),
      isExcused: isExcusedIn({ leftOut, withoutGenerated: attempt.excludesGeneratedFiles }),
    },
  });
}

/** What came after an exact moment is left out on purpose. */
function isLaterThan({ lastModified }: ObjectInfo, moment: Interval | undefined): boolean {
  return moment !== undefined && Date.parse(lastModified) > Date.parse(moment.to);
}

/** The listing that the copy went by, shard after shard. */
async function* readPlan(
  store: ObjectStore,
  prefix: string,
  attempt: number,
  shards: number,
): AsyncGenerator<PlanRow> {
  for (let shard = 0; shard < shards; shard += 1) {
    yield* readJsonLinesUnverified(store, prefix + planPath(attempt, shard), planRowSchema);
  }
}

/** Rows of a table in all schemas, whatever the case of its name. */
async function countRows(
  store: ObjectStore,
  prefix: string,
  dump: DatabaseDump,
  name: string,
): Promise<number> {
  let count = 0;
  for await (const { table, rows } of readJsonLines(store, prefix, dump.tables, tableCountSchema)) {
    if (table.toLowerCase() === name) count += rows;
  }
  return count;
}
