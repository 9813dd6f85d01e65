import { createHash } from 'node:crypto';
import { type BackupRequest, backupRequestSchema, type RestoreRequest } from '../model/run.ts';

/** A request of its own, found again from the restore's alone: hashed, since ids have a longest length. */
export function safetyRequestId({ requestId }: RestoreRequest): string {
  return `safety-${createHash('sha256').update(requestId).digest('hex').slice(0, 32)}`;
}

/** The backup that goes before a restore over what is there; `undefined` where none is taken. */
export function safetyBackupRequest(request: RestoreRequest): BackupRequest | undefined {
  const { safetyBackup, target, projectId, initiator, requestedAt, correlationId, units } = request;
  if (safetyBackup?.kind !== 'take') return undefined;
  return backupRequestSchema.parse({
    kind: 'backup',
    requestId: safetyRequestId(request),
    projectId,
    environment: target.environment,
    initiator,
    requestedAt,
    correlationId,
    type: 'Auto',
    // What is there now, and not what rows want: the restore compares with it what it is about to replace.
    consistency: 'databaseFirst',
    notes: `Safety backup before ${request.backupId} is restored over ${target.environment}.`,
    units,
    source: safetyBackup.source,
  });
}
