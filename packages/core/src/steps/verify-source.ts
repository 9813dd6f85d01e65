import { createHash } from 'node:crypto';
import { IntegrityError, InvalidRequestError } from '../errors/errors.ts';
import { errorMessage } from '../errors/lcb-error.ts';
import type { DatabaseConnection } from '../model/project.ts';
import type { VerifyRun } from '../model/run.ts';
import type { AttemptRef } from '../ports/backup-provider.ts';
import { type DatabaseDump, databaseDumpSchema } from '../ports/database-engine.ts';
import type { ObjectStore } from '../ports/object-store.ts';
import { readJsonArtefact } from '../repository/json-artefact.ts';
import { backupPrefix } from '../repository/layout.ts';
import type { Manifest } from '../repository/manifest.ts';
import type { WorkflowInput } from '../workflow/workflow-input.ts';
import { isDamage } from './refusal.ts';
import { openSealed } from './restore-source.ts';
import { loadVerification, type StepContext } from './step-context.ts';

/** The backup that is verified, and where it is loaded. */
export interface VerifySource {
  readonly run: VerifyRun;
  readonly manifest: Manifest;
  readonly dump: DatabaseDump;
  readonly backup: AttemptRef;
  readonly store: ObjectStore;
  /** `…/backups/{backupId}/` */
  readonly prefix: string;
  readonly scratch: DatabaseConnection;
}

/** Codes of the errors that are a word on the backup. All others are one on the server, or on nothing. */
export const damageCodes: ReadonlySet<string> = new Set([
  'verify.damaged',
  'verify.databaseDiffers',
  'verify.certificateDiffers',
]);

/** @throws IntegrityError `verify.damaged` */
export async function openVerified(input: WorkflowInput, context: StepContext): Promise<VerifySource> {
  const run = await loadVerification(context, input);
  const { projectId, backupId, backup: place } = run.request;
  const { manifest, backup } = await orDamaged(() => openSealed({ projectId, backupId, ...place }, context));
  const { database } = manifest.units;
  if (database === undefined) {
    throw new InvalidRequestError(
      `${backupId} has no database; it has ${Object.keys(manifest.units).join(', ')}. Verify it with another level.`,
      'verify.noDatabase',
    );
  }
  const store = context.provider.objectStore(backup.location);
  const prefix = backupPrefix(backup, backupId);
  const dump = await orDamaged(() =>
    readJsonArtefact(store, prefix, database.description, databaseDumpSchema),
  );
  return { run, manifest, dump, backup, store, prefix, scratch: scratchOf(run) };
}

/** The database that is loaded and dropped again; its name comes from the run's. */
export function scratchOf({ runId, request: { server } }: VerifyRun): DatabaseConnection {
  const url = new URL(server.url);
  url.pathname = `/lcb_verify_${createHash('sha256').update(runId).digest('hex').slice(0, 16)}`;
  return { ...server, url: url.href };
}

/** Bytes of the backup that are gone or are not what they were are a finding, and not a mishap. */
export async function orDamaged<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (!isDamage(error)) throw error;
    throw new IntegrityError(errorMessage(error), 'verify.damaged');
  }
}
