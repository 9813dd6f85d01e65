import { IntegrityError, ObjectNotFoundError } from '../errors/errors.ts';
import type { ReadingLevel, Sample } from '../model/verification.ts';
import type { Manifest } from '../repository/manifest.ts';
import { openManifest } from '../repository/open-manifest.ts';
import { BackupReport } from './backup-report.ts';
import { isIndexWhole, sampledKeys } from './sampled-keys.ts';
import { heldElsewhere, type Verification, type VerifyRequest, verifyBackup } from './verify-backup.ts';
import { verifyCopies } from './verify-copies.ts';
import { verifyArtefactSizes } from './verify-folder.ts';

export interface LevelRequest extends Omit<VerifyRequest, 'objects'> {
  readonly level: ReadingLevel;
  /** Which objects the level `sample` reads. */
  readonly sample: Sample;
}

export interface LevelVerification extends Verification {
  readonly level: ReadingLevel;
  /** Of the objects that were looked for, those of which every byte was read. */
  readonly objectsRead: number;
  /** Where one was taken. */
  readonly sample?: Sample;
}

/** Looks at a backup as far as its level goes. Damage is an answer, not an error. */
export async function verifyAtLevel(request: LevelRequest): Promise<LevelVerification> {
  switch (request.level) {
    case 'full': {
      const found = await verifyBackup(request);
      return { ...found, level: 'full', objectsRead: found.objects };
    }
    case 'sample': {
      const found = await verifyBackup({ ...request, objects: 'skip' });
      return { ...(await withCopies(request, found)), level: 'sample', sample: request.sample };
    }
    case 'quick':
      return { ...(await withCopies(request, await verifySizes(request))), level: 'quick' };
  }
}

/** Manifest and artefacts, as they would be found by {@link verifyBackup}, by presence and size. */
async function verifySizes({ store, backup, trustedKeys }: LevelRequest): Promise<Verification> {
  const report = new BackupReport(backup.backupId);
  let opened: Awaited<ReturnType<typeof openManifest>> | undefined;
  try {
    opened = await openManifest(store, backup, backup.backupId, trustedKeys);
    await verifyArtefactSizes(store, opened.value, report);
  } catch (error) {
    if (!(error instanceof IntegrityError || error instanceof ObjectNotFoundError)) throw error;
    report.problems.add(`manifest.json: ${error.message}`);
  }
  const { problems, artefacts, bytesRead } = report;
  return {
    ok: report.ok,
    problems: problems.texts,
    problemCount: problems.count,
    artefacts,
    objects: 0,
    bytesRead,
    notVerified: opened === undefined ? [] : heldElsewhere(opened.value),
    ...(opened === undefined
      ? {}
      : { keyId: opened.keyId, manifestSha256: opened.sha256, manifest: opened.value }),
  };
}

/** Adds what is found out about the objects: every one by a listing, those of a sample by their bytes. */
async function withCopies(
  request: LevelRequest,
  found: Verification,
): Promise<Verification & { readonly objectsRead: number }> {
  const { store, backup, level, concurrency, signal } = request;
  const { manifest } = found;
  // A damaged list of objects says nothing of what has to be there.
  if (manifest?.units.documentLibrary === undefined) return { ...found, objectsRead: 0 };
  if (!found.ok && !(await isIndexWhole(store, manifest, signal))) return { ...found, objectsRead: 0 };
  const { problems } = new BackupReport(backup.backupId);
  problems.addAll({ count: found.problemCount, texts: found.problems });
  let { bytesRead } = found;
  let objects = 0;
  let objectsRead = 0;
  const keys = level === 'sample' ? await sampledKeys(store, manifest, request.sample, signal) : noKeys;
  await verifyCopies({
    store,
    ref: backup,
    manifests: [manifest],
    isRead: (_, key) => keys.has(key),
    concurrency,
    signal,
    onRead(bytes) {
      bytesRead += bytes;
      request.onProgress({ bytes: bytesRead, expectedBytes: bytesOfArtefacts(manifest) });
    },
    onLookedAt(_, wasRead) {
      objects += 1;
      if (wasRead) objectsRead += 1;
    },
    onFault: (_, text) => problems.add(text),
    onStranger: () => undefined,
  });
  return {
    ...found,
    ok: problems.count === 0,
    problems: problems.texts,
    problemCount: problems.count,
    objects,
    objectsRead,
    bytesRead,
  };
}

const noKeys: ReadonlySet<string> = new Set();

/** How much the sample is, nobody knows before it was read; it is little beside the dump. */
function bytesOfArtefacts({ units }: Manifest): number {
  return units.database?.storedBytes ?? 0;
}
