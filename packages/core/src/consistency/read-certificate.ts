import type { EnvironmentRef } from '../model/ids.ts';
import type { ObjectStore } from '../ports/object-store.ts';
import { readJsonArtefact } from '../repository/json-artefact.ts';
import { readJsonLines } from '../repository/json-lines.ts';
import { backupPrefix } from '../repository/layout.ts';
import type { Manifest } from '../repository/manifest.ts';
import { type Certificate, certificateSchema } from './certificate.ts';
import { type Finding, findingSchema } from './finding.ts';

type Sealed = Pick<Manifest, 'backupId' | 'consistency'>;

/** The certificate of a sealed backup, its hash compared; undefined in a backup of before they were made. @throws IntegrityError */
export async function readCertificate(
  store: ObjectStore,
  ref: EnvironmentRef,
  { backupId, consistency }: Sealed,
): Promise<Certificate | undefined> {
  if (consistency.certificate === undefined) return undefined;
  const { artefact } = consistency.certificate;
  return readJsonArtefact(store, backupPrefix(ref, backupId), artefact, certificateSchema);
}

/** Everything that the certificate of a backup found, as a stream in key order. @throws IntegrityError at its end */
export async function* readFindings(
  store: ObjectStore,
  ref: EnvironmentRef,
  backupId: string,
  certificate: Certificate,
): AsyncGenerator<Finding> {
  if (certificate.findings === undefined) return;
  yield* readJsonLines(store, backupPrefix(ref, backupId), certificate.findings, findingSchema);
}
