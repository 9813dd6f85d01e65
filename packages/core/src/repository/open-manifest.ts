import { z } from 'zod';
import { IntegrityError, ObjectNotFoundError } from '../errors/errors.ts';
import { errorMessage } from '../errors/lcb-error.ts';
import type { EnvironmentRef } from '../model/ids.ts';
import type { ObjectStore } from '../ports/object-store.ts';
import type { TrustedKey } from '../ports/signer.ts';
import { readBytes } from './json-artefact.ts';
import { manifestKey } from './layout.ts';
import { formatVersion, type Manifest, manifestSchema, manifestVersionSchema } from './manifest.ts';
import { type VerifiedDocument, verifyDocument } from './signed-document.ts';

/** Refuses a version that this code does not know before it complains about its fields. */
function parseManifest(value: unknown): Manifest {
  const version = manifestVersionSchema.safeParse(value);
  if (version.success && version.data.version > formatVersion) {
    throw new IntegrityError(
      `Its manifest has format version ${version.data.version}, and this lcb reads up to ${formatVersion}: use a newer lcb.`,
      'manifest.newerVersion',
    );
  }
  const manifest = manifestSchema.safeParse(value);
  if (manifest.success) return manifest.data;
  throw new IntegrityError(
    `The manifest can't be read: ${errorMessage(manifest.error)}`,
    'document.malformed',
  );
}

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
  const document = await verifyDocument(bytes, 'lcb-manifest', z.unknown(), trusted);
  const value = parseManifest(document.value);
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
  return { ...document, value };
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
