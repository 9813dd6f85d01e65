import { IntegrityError, ObjectNotFoundError } from '../errors/errors.ts';
import { backupIdSchema } from '../model/ids.ts';
import { backupPrefix } from '../repository/layout.ts';
import type { Manifest } from '../repository/manifest.ts';
import { openManifest } from '../repository/open-manifest.ts';
import type { VerifiedDocument } from '../repository/signed-document.ts';
import { BackupReport } from './backup-report.ts';
import type { FoundEnvironment } from './find-environments.ts';
import type { Notes } from './notes.ts';
import { isIndexWhole, sampledKeys } from './sampled-keys.ts';
import { verifyBackup } from './verify-backup.ts';
import { verifyChain } from './verify-chain.ts';
import { verifyCopies } from './verify-copies.ts';
import { tellStrangers, verifyArtefactSizes } from './verify-folder.ts';
import type { LocationRequest } from './verify-location.ts';
import { type RecordsFound, verifyRecords } from './verify-records.ts';

export interface EnvironmentReport {
  readonly projectId: string;
  readonly environment: string;
  readonly backups: readonly BackupReport[];
  readonly records: number;
  /** What belongs to no backup: a record that can't be believed. */
  readonly problems: Notes;
}

/** Indexes that are open at once: each takes a decompressor and a connection. Copies that more backups share are read again. */
const indexesAtOnce = 50;
const knownUnits: ReadonlySet<string> = new Set(['database', 'documentLibrary']);

type Opened = VerifiedDocument<Manifest>;

export async function verifyEnvironment(
  request: LocationRequest,
  { ref, backupIds }: FoundEnvironment,
  onRead: (bytes: number) => void,
  onPlanned: (bytes: number) => void,
): Promise<EnvironmentReport> {
  const { store, trustedKeys, signal, level, choice } = request;
  const records = await verifyRecords(store, ref, trustedKeys);
  const reports = new Map<string, BackupReport>();
  const reportOf = (backupId: string): BackupReport => {
    const report = reports.get(backupId) ?? new BackupReport(backupId);
    reports.set(backupId, report);
    return report;
  };
  const isMeant = (backupId: string) => choice?.backupId === undefined || choice.backupId === backupId;

  const opened: Opened[] = [];
  for (const backupId of backupIds) {
    signal.throwIfAborted();
    const document = await open(request, ref, reportOf(backupId), records);
    if (document !== undefined) opened.push(document);
  }
  const deleted = new Set([...records.standings].filter(([, { deleted }]) => deleted).map(([id]) => id));
  const told = new Set(backupIds.filter((backupId) => reportOf(backupId).problems.count > 0));
  for (const { backupId, kind, text } of verifyChain(opened, told, deleted)) {
    reportOf(backupId)[kind === 'problem' ? 'problems' : 'warnings'].add(text);
  }
  const openedIds = new Set(opened.map(({ value }) => value.backupId));
  for (const backupId of backupIds) {
    const { problems, warnings } = reportOf(backupId);
    // Nothing speaks of it: neither a record nor a manifest that was sealed after it.
    if (!openedIds.has(backupId) && problems.count + warnings.count === 0)
      warnings.add('Not sealed: it is being made, or was left over.');
  }
  for (const backupId of records.standings.keys()) {
    if (backupIds.includes(backupId) || deleted.has(backupId) || reports.has(backupId)) continue;
    reportOf(backupId).problems.add(
      'manifest.json is missing: records speak of this backup, and none of its deletion.',
    );
  }

  const meant = opened.filter(({ value }) => isMeant(value.backupId));
  for (const { value } of meant) {
    const { database, documentLibrary } = value.units;
    if (level !== 'quick') onPlanned(database?.storedBytes ?? 0);
    if (level === 'full') onPlanned(documentLibrary?.copiedBytes ?? 0);
  }
  const whole: Manifest[] = [];
  for (const { value } of meant) {
    const report = reportOf(value.backupId);
    const before = report.problems.count;
    if (level === 'quick') await verifyArtefactSizes(store, value, report);
    else await readArtefacts(request, value, report, onRead);
    report.notVerifiable = Object.keys(value.units).filter((unit) => !knownUnits.has(unit));
    if (report.problems.count === before) whole.push(value);
  }
  // A damaged list of files says nothing of which files belong there.
  for (const manifest of whole) await tellStrangers(store, manifest, reportOf(manifest.backupId));

  const readable = await withReadableIndexes(
    request,
    meant.map(({ value }) => value),
    whole,
  );
  for (let at = 0; at < readable.length; at += indexesAtOnce) {
    const manifests = readable.slice(at, at + indexesAtOnce);
    await verifyCopies({
      store,
      ref,
      manifests,
      isRead: await toBeRead(request, manifests),
      concurrency: request.concurrency,
      signal,
      onRead,
      onFault: (backupId, text) => reportOf(backupId).problems.add(text),
      onStranger: (backupId, path) =>
        reportOf(backupId).warnings.add(`${path} does not belong to this backup.`),
    });
  }
  return {
    ...ref,
    backups: [...reports.values()].filter(({ backupId }) => isMeant(backupId)).sort(byId),
    records: records.count,
    problems: records.problems,
  };
}

/** Which copies are read; of the others presence and size are all that is looked at. */
async function toBeRead(
  { store, level, sample, signal }: LocationRequest,
  manifests: readonly Manifest[],
): Promise<(backupId: string, key: string) => boolean> {
  if (level !== 'sample') return () => level === 'full';
  const keys = new Map<string, ReadonlySet<string>>();
  for (const manifest of manifests)
    keys.set(manifest.backupId, await sampledKeys(store, manifest, sample, signal));
  return (backupId, key) => keys.get(backupId)?.has(key) === true;
}

function byId(a: BackupReport, b: BackupReport): number {
  return a.backupId < b.backupId ? -1 : 1;
}

/** Opens one manifest, and says what is wrong with it. One that is not there may be missed, or not sealed yet. */
async function open(
  { store, trustedKeys }: LocationRequest,
  ref: FoundEnvironment['ref'],
  report: BackupReport,
  { endedRuns, standings, sealedAs }: RecordsFound,
): Promise<Opened | undefined> {
  const { backupId } = report;
  if (!backupIdSchema.safeParse(backupId).success) {
    report.warnings.add(`${backupPrefix(ref, backupId)} is not the folder of a backup.`);
    return undefined;
  }
  try {
    const document = await openManifest(store, ref, backupId, trustedKeys);
    report.sealedAt = document.value.sealedAt;
    report.keyId = document.keyId;
    if ((sealedAs.get(backupId) ?? document.sha256) !== document.sha256) {
      report.problems.add(
        'manifest.json is signed, but by the records it is not the one that was sealed: another one was put in its place.',
      );
    }
    return document;
  } catch (error) {
    if (error instanceof ObjectNotFoundError) {
      const standing = standings.get(backupId);
      if (standing?.deleted !== undefined) report.warnings.add('Deleted, and what is left has no manifest.');
      else if (endedRuns.has(backupId) || standing !== undefined) {
        report.problems.add('manifest.json is missing: by the records this backup was made.');
      }
      return undefined;
    }
    if (!(error instanceof IntegrityError)) throw error;
    report.problems.add(`manifest.json: ${error.message}`);
    return undefined;
  }
}

async function readArtefacts(
  { store, trustedKeys, concurrency, signal }: LocationRequest,
  manifest: Manifest,
  report: BackupReport,
  onRead: (bytes: number) => void,
): Promise<void> {
  let told = 0;
  const found = await verifyBackup({
    store,
    backup: manifest,
    trustedKeys,
    objects: 'skip',
    concurrency,
    signal,
    onProgress: ({ bytes }) => {
      onRead(bytes - told);
      told = bytes;
    },
  });
  report.problems.addAll({ count: found.problemCount, texts: found.problems });
  report.artefacts = found.artefacts;
  report.objects = found.objects;
  report.bytesRead = found.bytesRead;
}

/** Indexes that can be read to their end: also of backups of which only something else is damaged. */
async function withReadableIndexes(
  { store, signal }: LocationRequest,
  manifests: readonly Manifest[],
  whole: readonly Manifest[],
): Promise<Manifest[]> {
  const readable: Manifest[] = [];
  for (const manifest of manifests) {
    if (manifest.units.documentLibrary === undefined) continue;
    if (whole.includes(manifest) || (await isIndexWhole(store, manifest, signal))) readable.push(manifest);
  }
  return readable;
}
