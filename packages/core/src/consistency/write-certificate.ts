import type { ObjectStore } from '../ports/object-store.ts';
import { writeJsonArtefact } from '../repository/json-artefact.ts';
import { writeJsonLines } from '../repository/json-lines.ts';
import {
  type Certificate,
  type EvidenceSource,
  type NotApplicable,
  type ObjectsSource,
  type RowsSource,
  verdictOf,
} from './certificate.ts';
import { comparePair, type Pair } from './compare-pair.ts';
import { type ConsistencyCounts, type Finding, type FindingKind, noCounts } from './finding.ts';

/** Findings of each kind that stand in the certificate itself. */
const firstFindings = 20;

/** Where a certificate and its list of findings are written. */
export interface CertificatePlace {
  readonly store: ObjectStore;
  /** What both paths are relative to. */
  readonly prefix: string;
  readonly path: string;
  readonly findingsPath: string;
}

export interface CertificateRequest {
  readonly place: CertificatePlace;
  /** The counts that the pair's own streams write to. */
  readonly counts: ConsistencyCounts;
  readonly pair: Pair;
  readonly rows: RowsSource;
  readonly objects: ObjectsSource;
  readonly before: EvidenceSource | undefined;
  readonly rules: readonly string[];
  readonly signal: AbortSignal;
}

/** Compares a pair, writes all findings as they come and the certificate after them. The same pair gives the same bytes. */
export async function writeCertificate(request: CertificateRequest): Promise<Certificate> {
  const { place, pair, counts, signal } = request;
  const first: Partial<Record<FindingKind, Finding[]>> = {};
  async function* findings(): AsyncGenerator<Finding> {
    for await (const finding of comparePair(pair, counts)) {
      const ofKind = first[finding.kind] ?? [];
      first[finding.kind] = ofKind;
      if (ofKind.length < firstFindings) ofKind.push(finding);
      yield finding;
    }
  }
  const written = await writeJsonLines(place.store, place.prefix, place.findingsPath, findings(), signal);
  const certificate: Certificate = {
    format: 'lcb-consistency',
    version: 1,
    madeBy: pair.madeBy,
    verdict: verdictOf(counts),
    rows: request.rows,
    objects: request.objects,
    ...(request.before === undefined ? {} : { before: request.before }),
    ...(pair.base === undefined ? {} : { base: pair.base.backupId }),
    rules: [...request.rules],
    counts,
    first,
    findings: written,
  };
  await writeJsonArtefact(place.store, place.prefix, place.path, certificate);
  return certificate;
}

/** For a pair that can't be compared: says why. */
export async function writeNotApplicable(
  place: CertificatePlace,
  madeBy: Pair['madeBy'],
  reason: NotApplicable,
): Promise<Certificate> {
  const certificate: Certificate = {
    format: 'lcb-consistency',
    version: 1,
    madeBy,
    verdict: 'notApplicable',
    reason,
    rules: [],
    counts: noCounts(),
    first: {},
  };
  await writeJsonArtefact(place.store, place.prefix, place.path, certificate);
  return certificate;
}
