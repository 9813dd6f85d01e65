import { readIndex } from '../library/base.ts';
import { strictlySorted } from '../library/merge-sorted.ts';
import { sampleLayout } from '../library/sample-layout.ts';
import type { EnvironmentRef } from '../model/ids.ts';
import type { Clock } from '../ports/clock.ts';
import type { ObjectStore } from '../ports/object-store.ts';
import type { Manifest } from '../repository/manifest.ts';
import type { Certificate, RowsSource } from './certificate.ts';
import { companyIds, expectedObjects, hasTable, type RowsLocation } from './expected-objects.ts';
import { noCounts } from './finding.ts';
import { whyNotComparable } from './not-applicable.ts';
import { readCertificate } from './read-certificate.ts';
import { rules } from './rules.ts';
import { type CertificatePlace, writeCertificate, writeNotApplicable } from './write-certificate.ts';

export interface RestoreCertificateRequest {
  /** Where the certificate and its findings are written. */
  readonly place: CertificatePlace;
  /** The rows of the restored database, and what they are worth. */
  readonly rows: RowsLocation;
  readonly rowsSource: RowsSource;
  /** The restored library, as it is now. */
  readonly library: ObjectStore;
  /** The backup that was restored: what does not fit there already is not blamed on the restore. */
  readonly backup: EnvironmentRef & { readonly store: ObjectStore; readonly manifest: Manifest };
  /** Keys that were not to be restored: generated files, other folders or companies. */
  readonly isExcused: (key: string) => boolean;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/**
 * Compares a restored database and library with each other, and with the backup that they are from. The verdict is
 * `inconsistent` only where the restore made it worse. Findings of kind `unreferenced` are the files that the restored
 * database does not know.
 */
export async function certifyRestore(request: RestoreCertificateRequest): Promise<Certificate> {
  const { place, rows, library, backup, clock, signal } = request;
  const { manifest } = backup;
  const reason = await whyNot(request);
  if (reason !== undefined) return writeNotApplicable(place, 'restore', reason);
  const counts = noCounts();
  const from = clock.now();
  const objects = {
    from: 'listing' as const,
    location: library.location,
    listed: { from, to: from },
  };
  async function* listing() {
    yield* strictlySorted(`the listing of ${library.location}`, library.list());
    objects.listed.to = clock.now();
  }
  return writeCertificate({
    place,
    counts,
    signal,
    rows: request.rowsSource,
    objects,
    before: { from: 'backup', backupId: manifest.backupId },
    rules: [rules.rows, rules.sizes, rules.extras, rules.restoreBlame],
    pair: {
      madeBy: 'restore',
      expected: expectedObjects(rows, counts),
      found: listing(),
      companies: hasTable(rows, 'Company') ? await companyIds(rows) : undefined,
      imagesKnown: hasTable(rows, 'Image'),
      before: readIndex(backup.store, backup, manifest),
      isExcused: request.isExcused,
    },
  });
}

/** What could not be compared in the backup can't be compared after its restore either. */
async function whyNot({ rows, library, backup }: RestoreCertificateRequest) {
  const certificate = await readCertificate(backup.store, backup, backup.manifest);
  const { reason } = certificate ?? {};
  if (reason !== undefined && reason.code !== 'oneUnit') return reason;
  return whyNotComparable({
    location: library.location,
    layout: await sampleLayout(library),
    hasFileVersions: hasTable(rows, 'DLFileVersion'),
    contentRows: undefined,
  });
}
