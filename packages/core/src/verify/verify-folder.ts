import { IntegrityError, ObjectNotFoundError } from '../errors/errors.ts';
import type { ObjectStore } from '../ports/object-store.ts';
import { artefactsOf } from '../repository/artefacts.ts';
import { verifyArtefact } from '../repository/json-artefact.ts';
import { backupPrefix, longObjectsFolder, objectsFolder } from '../repository/layout.ts';
import type { Manifest } from '../repository/manifest.ts';
import type { BackupReport } from './backup-report.ts';

/**
 * The artefacts of a backup by presence and size alone; only what lists others (dump description, index) is read, and
 * compared with its hash.
 */
export async function verifyArtefactSizes(
  store: ObjectStore,
  manifest: Manifest,
  report: BackupReport,
): Promise<void> {
  const prefix = backupPrefix(manifest, manifest.backupId);
  try {
    for (const artefact of await artefactsOf(store, manifest)) {
      report.artefacts += 1;
      if (/\/index-[^/]*\.jsonl\.zst$/.test(artefact.path)) {
        await verifyOne(store, prefix, artefact, report);
        report.bytesRead += artefact.bytes;
        continue;
      }
      const info = await store.head(prefix + artefact.path);
      if (info === undefined) report.problems.add(`${artefact.path} is missing.`);
      else if (info.size !== artefact.bytes) {
        report.problems.add(`${artefact.path} has ${info.size} bytes instead of ${artefact.bytes}.`);
      }
    }
  } catch (error) {
    if (!(error instanceof IntegrityError || error instanceof ObjectNotFoundError)) throw error;
    report.problems.add(error.message);
  }
  report.objects = manifest.units.documentLibrary?.objects ?? 0;
}

async function verifyOne(
  store: ObjectStore,
  prefix: string,
  artefact: Parameters<typeof verifyArtefact>[2],
  report: BackupReport,
): Promise<void> {
  try {
    await verifyArtefact(store, prefix, artefact);
  } catch (error) {
    if (!(error instanceof IntegrityError || error instanceof ObjectNotFoundError)) throw error;
    report.problems.add(error.message);
  }
}

/** Files in a sealed backup's folder, outside of its copies, that nothing of it refers to. */
export async function tellStrangers(
  store: ObjectStore,
  manifest: Manifest,
  report: BackupReport,
): Promise<void> {
  const prefix = backupPrefix(manifest, manifest.backupId);
  const known = new Set(['manifest.json']);
  for (const { path } of await artefactsOf(store, manifest)) known.add(path);
  for await (const path of outsideOfCopies(store, prefix)) {
    if (!known.has(path)) report.warnings.add(`${path} does not belong to this backup.`);
  }
}

/** Paths below the backup's folder, the copies' folders jumped over. */
async function* outsideOfCopies(store: ObjectStore, prefix: string): AsyncGenerator<string> {
  let startAfter: string | undefined;
  for (let more = true; more; ) {
    more = false;
    for await (const { key } of store.list({
      prefix,
      atMost: 100,
      ...(startAfter === undefined ? {} : { startAfter }),
    })) {
      const path = key.slice(prefix.length);
      const folder = [objectsFolder, longObjectsFolder].find((copies) => path.startsWith(copies));
      if (folder === undefined) {
        yield path;
        continue;
      }
      startAfter = `${prefix}${folder.slice(0, -1)}0`;
      more = true;
      break;
    }
  }
}
