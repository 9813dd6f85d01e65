import type { Certificate } from '../consistency/certificate.ts';
import { type BackupAttempt, certifyAttempt } from '../consistency/certify-backup.ts';
import { unsortedRows } from '../consistency/expected-objects.ts';
import { inconsistency } from '../consistency/inconsistency.ts';
import { writeNotApplicable } from '../consistency/write-certificate.ts';
import { IntegrityError, ObjectNotFoundError } from '../errors/errors.ts';
import type { ErrorRecord } from '../errors/lcb-error.ts';
import type { Backup } from '../model/run.ts';
import type { Unit } from '../model/unit.ts';
import { databaseDumpSchema } from '../ports/database-engine.ts';
import type { ObjectStore } from '../ports/object-store.ts';
import { readJson, verifyArtefact } from '../repository/json-artefact.ts';
import {
  backupPrefix,
  certificatePath,
  dumpDescriptionPath,
  earlierListingDescriptionPath,
  findingsPath,
  indexPath,
} from '../repository/layout.ts';
import { earlierListingSchema, libraryIndexSchema } from '../repository/library-index.ts';
import { openManifest } from '../repository/open-manifest.ts';
import type { UnitFailures } from '../workflow/step-table.ts';
import type { WorkflowInput } from '../workflow/workflow-input.ts';
import { attemptOf } from './attempt.ts';
import { libraryOf, readLibraryPlan } from './backup-library.ts';
import { loadBackup, type StepContext } from './step-context.ts';

type Input = WorkflowInput & { readonly attempt: number; readonly units: readonly Unit[] };

interface Certified {
  verdict: Certificate['verdict'];
  failures: UnitFailures;
  problem: ErrorRecord | null;
}

/** Says whether the database and the library of this attempt fit together, and keeps the proof with the attempt. */
export async function certifyBackup(input: Input, context: StepContext): Promise<Certified> {
  const backup = await loadBackup(context, input);
  const ref = attemptOf(backup, input.attempt);
  const store = context.provider.objectStore(ref.location);
  const place = {
    store,
    prefix: backupPrefix(ref, ref.backupId),
    path: certificatePath(input.attempt),
    findingsPath: findingsPath(input.attempt),
  };
  if (!input.units.includes('database') || !input.units.includes('documentLibrary')) {
    const message = `This backup has the unit ${input.units.join(', ')} only: there is nothing to compare it with.`;
    const { verdict } = await writeNotApplicable(place, 'backup', { code: 'oneUnit', message });
    return { verdict, failures: [], problem: null };
  }
  const attempt = await readAttempt(backup, input.attempt, store);
  try {
    const certificate = await certify(backup, attempt, store, context, place);
    return { verdict: certificate.verdict, failures: [], problem: inconsistency(certificate) ?? null };
  } catch (error) {
    if (!isDamage(error)) throw error;
    const unit = await damagedUnit(error, attempt, store);
    return { verdict: 'notApplicable', failures: [{ unit, error: error.toRecord() }], problem: null };
  }
}

async function readAttempt(backup: Backup, number: number, store: ObjectStore): Promise<BackupAttempt> {
  const ref = attemptOf(backup, number);
  const prefix = backupPrefix(ref, ref.backupId);
  return {
    ref,
    dump: await readJson(store, prefix + dumpDescriptionPath(number), databaseDumpSchema),
    plan: await readLibraryPlan(store, backup, number),
    index: await readJson(store, prefix + indexPath(number), libraryIndexSchema),
    earlier: await readJson(store, prefix + earlierListingDescriptionPath(number), earlierListingSchema),
    excludesGeneratedFiles: backup.request.source.documentLibrary?.excludeGeneratedFiles ?? false,
  };
}

/** The base only adds since when something is gone: a certificate is made without one that can't be read any more. */
async function certify(
  backup: Backup,
  attempt: BackupAttempt,
  store: ObjectStore,
  context: StepContext,
  place: Parameters<typeof writeNotApplicable>[0],
): Promise<Certificate> {
  const { plan } = attempt;
  const { signal } = context;
  // Where it was really listed: the plan's name of an upload is no place.
  const source = context.provider.objectStore(libraryOf(backup).location);
  if (plan.base === null) return certifyAttempt({ place, attempt, source, base: undefined, signal });
  try {
    const { value } = await openManifest(store, backup.request, plan.base, await context.trustedKeys());
    return await certifyAttempt({ place, attempt, source, base: value, signal });
  } catch (error) {
    if (!isDamage(error)) throw error;
    return certifyAttempt({ place, attempt, source, base: undefined, signal });
  }
}

function isDamage(error: unknown): error is IntegrityError | ObjectNotFoundError {
  return error instanceof IntegrityError || error instanceof ObjectNotFoundError;
}

async function damagedUnit(
  error: IntegrityError | ObjectNotFoundError,
  { ref, dump }: BackupAttempt,
  store: ObjectStore,
): Promise<Unit> {
  if (error.code === unsortedRows) return 'database';
  const prefix = backupPrefix(ref, ref.backupId);
  try {
    for (const artefact of [dump.tables, ...dump.libraryRows]) await verifyArtefact(store, prefix, artefact);
  } catch (damage) {
    if (!isDamage(damage)) throw damage;
    return 'database';
  }
  return 'documentLibrary';
}
