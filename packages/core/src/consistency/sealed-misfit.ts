import type { ErrorRecord } from '../errors/lcb-error.ts';
import type { ObjectStore } from '../ports/object-store.ts';
import type { Manifest } from '../repository/manifest.ts';
import { inconsistency, sealedMisfit } from './inconsistency.ts';
import { readCertificate } from './read-certificate.ts';

/** What keeps a sealed pair from being one. */
export async function sealedMisfitOf(
  store: ObjectStore,
  manifest: Manifest,
): Promise<ErrorRecord | undefined> {
  if (manifest.consistency.certificate?.verdict !== 'inconsistent') return undefined;
  const certificate = await readCertificate(store, manifest, manifest);
  const problem = certificate && inconsistency(certificate);
  return problem && sealedMisfit(problem);
}
