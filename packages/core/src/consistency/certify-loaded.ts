import { readIndex } from '../library/base.ts';
import type { AttemptRef } from '../ports/backup-provider.ts';
import type { DatabaseDump } from '../ports/database-engine.ts';
import type { ObjectStore } from '../ports/object-store.ts';
import type { Manifest } from '../repository/manifest.ts';
import type { Certificate, RowsSource } from './certificate.ts';
import { companiesOf, isExcusedIn } from './excused.ts';
import { companyIds, expectedObjects, hasTable, type RowsLocation } from './expected-objects.ts';
import { type ConsistencyCounts, noCounts } from './finding.ts';
import { whyNotComparable } from './not-applicable.ts';
import { readCertificate } from './read-certificate.ts';
import { rowsOfDump } from './rows-of-dump.ts';
import { rules } from './rules.ts';
import { type CertificatePlace, writeCertificate, writeNotApplicable } from './write-certificate.ts';

export interface LoadedCertificateRequest {
  /** Where the certificate and its findings are written. */
  readonly place: CertificatePlace;
  /** The rows of the database that the dump was loaded into, and what they are worth. */
  readonly rows: RowsLocation;
  readonly rowsSource: RowsSource;
  /** The backup that the dump is of. */
  readonly store: ObjectStore;
  readonly backup: AttemptRef;
  readonly manifest: Manifest;
  readonly dump: DatabaseDump;
  readonly signal: AbortSignal;
}

export interface LoadedCertificate {
  readonly certificate: Certificate;
  /** What the sealed certificate counted otherwise, as a sentence. Nothing where it can't tell. */
  readonly difference: string | undefined;
}

/**
 * Compares the rows of a loaded dump with the backup's own index, as it was done before the seal: the dump must name the
 * very objects that it named then.
 */
export async function certifyLoaded(request: LoadedCertificateRequest): Promise<LoadedCertificate> {
  const { place, rows, store, backup, manifest, dump, signal } = request;
  const sealed = await readCertificate(store, backup, manifest);
  const reason =
    sealed === undefined
      ? whyNotComparable({
          location: backup.location,
          layout: { kind: 'bucket' },
          hasFileVersions: hasTable(rows, 'DLFileVersion'),
          contentRows: undefined,
        })
      : sealed.reason;
  if (reason !== undefined)
    return { certificate: await writeNotApplicable(place, 'restore', reason), difference: undefined };
  const leftOut = companiesOf(dump.leftOut.schemas);
  const withoutGenerated = sealed?.rules.includes(rules.generated) === true;
  const counts = noCounts();
  const certificate = await writeCertificate({
    place,
    counts,
    signal,
    rows: request.rowsSource,
    objects: { from: 'index', location: manifest.units.documentLibrary?.source ?? '', listed: null },
    before: undefined,
    rules: [
      rules.rows,
      rules.sizes,
      rules.extras,
      ...(withoutGenerated ? [rules.generated] : []),
      ...(leftOut.size > 0 ? [rules.leftOutSchemas] : []),
    ],
    pair: {
      madeBy: 'restore',
      expected: expectedObjects(rows, counts),
      found: readIndex(store, backup, manifest),
      companies: hasTable(rows, 'Company') ? await companyIds(rows) : undefined,
      imagesKnown: hasTable(rows, 'Image'),
      before: undefined,
      isExcused: isExcusedIn({ leftOut, withoutGenerated }),
    },
  });
  // Rows that were read in another snapshot than the dump's need not be those of the dump.
  const comparable = sealed !== undefined && rowsOfDump(dump).exact;
  return {
    certificate,
    difference: comparable ? differenceOf(certificate.counts, sealed.counts) : undefined,
  };
}

/** Those that depend on rows and objects alone, and not on when a library was listed. */
const compared = [
  'rows',
  'publicationRows',
  'rowsWithoutKey',
  'publicationObjects',
  'expected',
  'found',
  'matching',
  'wrongSize',
] as const satisfies readonly (keyof ConsistencyCounts)[];

function differenceOf(found: ConsistencyCounts, sealed: ConsistencyCounts): string | undefined {
  const differing = compared.filter((name) => found[name] !== sealed[name]);
  if (differing.length === 0) return undefined;
  const named = differing.map((name) => `${name} ${found[name]} instead of ${sealed[name]}`);
  return `The rows of the loaded database do not name the objects that those of the dump named when it was made: ${named.join(', ')}.`;
}
