import { z } from 'zod';
import { IntegrityError, ObjectNotFoundError } from '../errors/errors.ts';
import type { EnvironmentRef } from '../model/ids.ts';
import type { ObjectStore } from '../ports/object-store.ts';
import type { TrustedKey } from '../ports/signer.ts';
import { readBytes } from './json-artefact.ts';
import { manifestKey } from './layout.ts';
import { formatVersion, type Manifest, manifestSchema, manifestVersionSchema } from './manifest.ts';
import { type VerifiedDocument, verifyDocument } from './signed-document.ts';

/** Refuses a version that this code does not know before it complains about its fields. */
const anyManifest = z.unknown().transform((value, context): Manifest => {
  const version = manifestVersionSchema.safeParse(value);
  if (version.success && version.data.version > formatVersion) {
    context.addIssue({
      code: 'custom',
      message: `it has format version ${version.data.version}, this lcb reads up to ${formatVersion}: use a newer lcb`,
    });
    return z.NEVER;
  }
  const manifest = manifestSchema.safeParse(value);
  if (manifest.success) return manifest.data;
  context.addIssue({ code: 'custom', message: z.prettifyError(manifest.error) });
  return z.NEVER;
});

/**
 * Opens a backup's manifest, trusting only the given keys, and checks that it is this backup's and not a copy of
 * another's. The location is not compared: a bucket may be mounted elsewhere for a restore.
 * @throws ObjectNotFoundError if the backup was never sealed
 * @throws IntegrityError
 */
export async function openManifest(
  store: ObjectStore,
  ref: EnvironmentRef,
  backupId: string,
  trusted: readonly TrustedKey[],
): Promise<VerifiedDocument<Manifest>> {
  const bytes = await readBytes(store, manifestKey(ref, backupId));
  const document = await verifyDocument(bytes, 'lcb-manifest', anyManifest, trusted);
  const { value } = document;
  if (
    value.projectId !== ref.projectId ||
    value.environment !== ref.environment ||
    value.backupId !== backupId
  ) {
    throw new IntegrityError(
      `The manifest of ${backupId} is that of ${value.backupId} of ${value.projectId}/${value.environment}.`,
      'manifest.foreign',
    );
  }
  return document;
}

/** As {@link openManifest}, or `undefined` where the backup was never sealed. */
export async function findManifest(
  store: ObjectStore,
  ref: EnvironmentRef,
  backupId: string,
  trusted: readonly TrustedKey[],
): Promise<VerifiedDocument<Manifest> | undefined> {
  try {
    return await openManifest(store, ref, backupId, trusted);
  } catch (error) {
    if (error instanceof ObjectNotFoundError) return undefined;
    throw error;
  }
}
