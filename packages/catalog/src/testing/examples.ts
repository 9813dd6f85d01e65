import type {
  AdmissionLimits,
  AuditEvent,
  BackupRequest,
  Catalog,
  DeleteRequest,
  Environment,
  Lease,
  RestoreRequest,
  Run,
  RunRequest,
  SweepRequest,
  VerifyRunRequest,
} from '@lcb/core';

export const roomy: AdmissionLimits = { total: 1000, perProject: 1000, leaseSeconds: 60 };

export function environment(projectId = 'retail', name = 'prd'): Environment {
  return {
    projectId,
    environment: name,
    documentLibrary: { location: `file:///srv/${projectId}/${name}`, excludeGeneratedFiles: false },
    backups: { location: `file:///backups/${projectId}/${name}` },
  };
}

let requests = 0;

function base(projectId: string, name: string) {
  requests += 1;
  return {
    requestId: `request-${requests}`,
    projectId,
    environment: name,
    initiator: 'ada@example.com',
    requestedAt: '2025-11-09T14:30:00.000Z',
    correlationId: `correlation-${requests}`,
  };
}

export function backupRequest(changes: Partial<BackupRequest> = {}): BackupRequest {
  const { projectId = 'retail', environment: name = 'prd' } = changes;
  return {
    kind: 'backup',
    ...base(projectId, name),
    type: 'Manual',
    units: ['database', 'documentLibrary'],
    mode: 'incremental',
    compression: 'zstd',
    consistency: 'databaseFirst',
    source: environment(projectId, name),
    ...changes,
  };
}

/** Restores a backup of `prd`, into `target`. */
export function restoreRequest(target: string, changes: Partial<RestoreRequest> = {}): RestoreRequest {
  const { projectId = 'retail', environment: name = 'prd' } = changes;
  return {
    kind: 'restore',
    ...base(projectId, name),
    backupId: `${projectId}-${name}-backup-20251101-000000`,
    backup: { environment: name, location: `file:///backups/${projectId}/${name}` },
    units: ['database', 'documentLibrary'],
    target: { environment: target, documentLibrary: { location: `file:///srv/${projectId}/${target}` } },
    mode: 'new',
    withoutGeneratedFiles: false,
    removeUnreferenced: false,
    ...changes,
  };
}

export function deleteRequest(backupId: string, changes: Partial<DeleteRequest> = {}): DeleteRequest {
  const { projectId = 'retail', environment: name = 'prd' } = changes;
  return {
    kind: 'delete',
    ...base(projectId, name),
    backupId,
    backup: { environment: name, location: `file:///backups/${projectId}/${name}` },
    graceSeconds: 3600,
    evenIfBase: false,
    ...changes,
  };
}

export function sweepRequest(changes: Partial<SweepRequest> = {}): SweepRequest {
  const { projectId = 'retail', environment: name = 'prd' } = changes;
  const location = `file:///backups/${projectId}/${name}`;
  return { kind: 'sweep', ...base(projectId, name), location, graceSeconds: 3600, ...changes };
}

export function verifyRequest(backupId: string, changes: Partial<VerifyRunRequest> = {}): VerifyRunRequest {
  const { projectId = 'retail', environment: name = 'prd' } = changes;
  return {
    kind: 'verify',
    ...base(projectId, name),
    backupId,
    backup: { environment: name, location: `file:///backups/${projectId}/${name}` },
    server: { engine: 'postgresql', url: 'postgres://liferay@db/lportal' },
    ...changes,
  };
}

export function auditEvent(changes: Partial<AuditEvent> = {}): AuditEvent {
  return {
    actor: 'service',
    action: 'backup.succeeded',
    subject: 'retail-prd-backup-20251109-143000',
    result: 'succeeded',
    at: '2025-11-09T14:31:00.000Z',
    correlationId: 'correlation',
    ...changes,
  };
}

/** Records a request and admits it: a run with its lease. */
export async function begin(catalog: Catalog, request: RunRequest): Promise<{ run: Run; lease: Lease }> {
  const { run } = await catalog.forProject(request.projectId).recordRequest(request);
  const admitted = await catalog.platform.admit(roomy);
  const mine = admitted.find(({ runId }) => runId === run.runId);
  if (mine === undefined) throw new Error(`${run.runId} was not admitted.`);
  return { run: mine, lease: { runId: mine.runId, epoch: mine.epoch } };
}

/** A backup from its request to its end. */
export async function completeBackup(catalog: Catalog, request: BackupRequest): Promise<Run> {
  const { lease } = await begin(catalog, request);
  const project = catalog.forProject(request.projectId);
  await project.setState(lease, 'InProgress');
  await project.setSealed(lease, {
    manifestSha256: 'a'.repeat(64),
    attempt: 1,
    sealedAt: '2025-11-09T14:32:00.000Z',
    dataTime: { from: '2025-11-09T14:30:01.000Z', to: '2025-11-09T14:30:02.000Z' },
    base: null,
  });
  return await project.finish(lease, { state: 'Succeeded' }, auditEvent({ subject: lease.runId }));
}

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const collected: T[] = [];
  for await (const item of items) collected.push(item);
  return collected;
}
