import { z } from 'zod';
import { certificateSchema } from '../consistency/certificate.ts';
import { IntegrityError, PreconditionFailedError } from '../errors/errors.ts';
import { intervalOf } from '../model/interval.ts';
import type { Backup, ConsistencyStrategy, Sealed } from '../model/run.ts';
import type { Unit } from '../model/unit.ts';
import type { Interval } from '../model/values.ts';
import { databaseDumpSchema } from '../ports/database-engine.ts';
import type { ObjectStore } from '../ports/object-store.ts';
import { describeJson, readJson } from '../repository/json-artefact.ts';
import {
  backupPrefix,
  certificatePath,
  checksPath,
  dumpDescriptionPath,
  indexPath,
  manifestKey,
} from '../repository/layout.ts';
import { libraryIndexSchema } from '../repository/library-index.ts';
import { checkSchema, formatVersion, type Manifest, manifestSchema } from '../repository/manifest.ts';
import { findManifest, openManifest } from '../repository/open-manifest.ts';
import { signDocument, type VerifiedDocument } from '../repository/signed-document.ts';
import type { UnitFailures } from '../workflow/step-table.ts';
import type { WorkflowInput } from '../workflow/workflow-input.ts';
import { attemptOf } from './attempt.ts';
import { uploadedOf } from './backup-import.ts';
import { readLibraryPlan } from './backup-library.ts';
import { readSearchSnapshot } from './backup-search.ts';
import { loadBackup, projectOf, type StepContext } from './step-context.ts';

type Input = WorkflowInput & {
  readonly attempt: number;
  readonly units: readonly Unit[];
  readonly failures: UnitFailures;
  readonly whyNotExact?: string | undefined;
};

/** Signs and writes the manifest, once. From here on the backup exists, and nothing of it is ever rewritten. */
export async function sealBackup(input: Input, context: StepContext): Promise<{ manifestSha256: string }> {
  const backup = await loadBackup(context, input);
  const attempt = attemptOf(backup, input.attempt);
  const store = context.provider.objectStore(attempt.location);
  const trusted = await context.trustedKeys();
  let sealed = await findManifest(store, attempt, backup.runId, trusted);
  if (sealed === undefined) {
    const manifest = await compose(backup, input, store, context);
    const bytes = await signDocument(context.signer, context.clock, 'lcb-manifest', manifest);
    await context.catalog.platform.checkLease(context.lease);
    await writeOnce(store, manifestKey(attempt, backup.runId), bytes);
    // A key that was made for this very signature is trusted from now on, so the keys are asked for again.
    sealed = await openManifest(store, attempt, backup.runId, await context.trustedKeys());
  }
  if (sealed.value.attempt !== input.attempt) {
    throw new IntegrityError(
      `${backup.runId} was sealed with attempt ${sealed.value.attempt}, not ${input.attempt}.`,
    );
  }
  await recordSeal(input, context, sealed);
  return { manifestSha256: sealed.sha256 };
}

export async function recordSeal(
  input: WorkflowInput,
  context: StepContext,
  { value, sha256 }: VerifiedDocument<Manifest>,
): Promise<void> {
  const { attempt, sealedAt, dataTime, base, baseRefused } = value;
  await projectOf(context, input).setSealed(context.lease, {
    manifestSha256: sha256,
    attempt,
    sealedAt,
    dataTime,
    base,
    ...(baseRefused === undefined ? {} : { baseRefused }),
  });
}

/** A repeated step may find its own manifest: then that one counts, as {@link openManifest} reads it back. */
async function writeOnce(store: ObjectStore, key: string, bytes: Uint8Array): Promise<void> {
  try {
    await store.put(key, bytes, { ifNoneMatch: '*', contentType: 'application/json' });
  } catch (error) {
    if (!(error instanceof PreconditionFailedError)) throw error;
  }
}

async function compose(
  backup: Backup,
  input: Input,
  store: ObjectStore,
  context: StepContext,
): Promise<Manifest> {
  const { request } = backup;
  const prefix = backupPrefix(request, backup.runId);
  const units: Manifest['units'] = {};
  let dataTime: Interval | undefined;
  let base: Pick<Manifest, 'base' | 'baseRefused'> = { base: null };
  let strategy: ConsistencyStrategy = request.consistency === 'quiesce' ? 'quiesce' : 'databaseFirst';
  if (input.units.includes('documentLibrary')) {
    const plan = await readLibraryPlan(store, backup, input.attempt);
    const { value: index, artefact } = await describeJson(
      store,
      prefix,
      indexPath(input.attempt),
      libraryIndexSchema,
    );
    base = { base: plan.base, ...(plan.baseRefused === undefined ? {} : { baseRefused: plan.baseRefused }) };
    dataTime = { from: plan.listedFrom, to: plan.listedTo };
    if (plan.exact !== undefined) strategy = 'exact';
    units.documentLibrary = {
      index: artefact,
      source: plan.source,
      objects: index.objects,
      bytes: index.bytes,
      copiedObjects: index.copiedObjects,
      copiedBytes: index.copiedBytes,
      excludedObjects: plan.excludedObjects,
      excludedBytes: plan.excludedBytes,
      vanishedObjects: index.vanishedObjects,
      references: index.references,
    };
  }
  if (input.units.includes('database')) {
    const path = dumpDescriptionPath(input.attempt);
    const { value: dump, artefact } = await describeJson(store, prefix, path, databaseDumpSchema);
    dataTime = dump.snapshotTime;
    units.database = {
      type: 'dump',
      description: artefact,
      engine: dump.engine,
      serverVersion: dump.serverVersion,
      tables: dump.tables.count,
      rows: dump.tables.rows,
      sequences: dump.sequences.count,
      largeObjects: dump.largeObjects.count,
      bytes: dump.bytes,
      storedBytes: dump.storedBytes,
      ...(dump.liferayBuild === undefined ? {} : { liferayBuild: dump.liferayBuild }),
    };
  }
  if (input.units.includes('search')) {
    units.search = await readSearchSnapshot(store, backup, input.attempt);
    dataTime ??= await momentOf(backup, context);
  }
  return manifestSchema.parse({
    format: 'lcb-backup',
    version: formatVersion,
    projectId: request.projectId,
    environment: request.environment,
    backupId: backup.runId,
    location: request.source.backups.location,
    attempt: input.attempt,
    type: request.type,
    mode: request.mode,
    ...base,
    previous: await previousSeal(backup, context),
    ...(await uploadedOf(backup, store, prefix)),
    requestedAt: backup.requestedAt,
    dataTime,
    sealedAt: context.clock.now(),
    initiator: request.initiator,
    ...(request.notes === undefined ? {} : { notes: request.notes }),
    ...(request.keepFor === undefined ? {} : { keepFor: request.keepFor }),
    consistency: {
      strategy,
      ...(input.whyNotExact === undefined ? {} : { whyNotExact: input.whyNotExact }),
      certificate: await summary(store, prefix, input.attempt),
    },
    serviceVersion: context.serviceVersion,
    units,
    failedUnits: input.failures,
    checks: await readJson(store, prefix + checksPath(input.attempt), z.array(checkSchema)),
  });
}

async function summary(store: ObjectStore, prefix: string, attempt: number) {
  const { value, artefact } = await describeJson(store, prefix, certificatePath(attempt), certificateSchema);
  return { artefact, verdict: value.verdict, counts: value.counts };
}

/** Of a backup of the search index alone: between its beginning and now. */
async function momentOf(backup: Backup, context: StepContext): Promise<Interval> {
  const run = await projectOf(context, backup).run(backup.runId);
  return intervalOf(run?.units.search?.startedAt ?? backup.requestedAt, context.clock.now());
}

/**
 * The backup of this environment that was sealed last in this location: its manifest's hash chains this one to it. By
 * the time of the seal and not of the request, which somebody else's clock gave.
 */
async function previousSeal(backup: Backup, context: StepContext): Promise<Manifest['previous']> {
  const project = projectOf(context, backup);
  const { location } = backup.request.source.backups;
  let last: { readonly backupId: string; readonly sealed: Sealed } | undefined;
  let pageToken: string | undefined;
  do {
    const page = await project.runs({
      kind: 'backup',
      environment: backup.environment,
      limit: 100,
      ...(pageToken === undefined ? {} : { pageToken }),
    });
    for (const run of page.runs) {
      if (run.kind !== 'backup' || run.sealed === undefined || run.runId === backup.runId) continue;
      if (run.request.source.backups.location !== location) continue;
      const isLater =
        last === undefined || Date.parse(run.sealed.sealedAt) > Date.parse(last.sealed.sealedAt);
      if (isLater) last = { backupId: run.runId, sealed: run.sealed };
    }
    pageToken = page.nextPageToken;
  } while (pageToken !== undefined);
  return last === undefined ? null : { backupId: last.backupId, sha256: last.sealed.manifestSha256 };
}
